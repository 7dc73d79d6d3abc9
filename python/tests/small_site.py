"""A small site on a server of its own: some notices, the same again under other addresses, a
picture, and an empty page."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conftest import notice

N_NOTICES = 24
# Every third notice stands under a second address, with another frame around it.
COPIES = range(0, N_NOTICES, 3)


def page(n, frame):
    lines = notice(n).split("\n")
    body = "".join(f"<p>{line.replace('，', '★,')}</p>" for line in lines[1:])
    return (
        f"<html><head><meta charset=gb2312><title>{lines[0]}</title></head><body><div class=nav><a href=/>首页</a> &gt; <a href=/>{frame}</a></div>"
        f"<h1>{lines[0]}</h1><div id=content>{body}</div><div>版权所有：{frame}</div></body></html>"
    ).encode("gbk")


def pages():
    """Path to content type and body."""
    links = [f"/notice/{n}.html" for n in range(N_NOTICES)] + [f"/print/{n}.html" for n in COPIES]
    links += ["/logo.png", "/empty.html"]
    index = "<html><body>" + "".join(f"<p><a href={link}>{link}</a></p>" for link in links) + "</body></html>"
    made = {"/": ("text/html", index.encode())}
    made |= {f"/notice/{n}.html": ("text/html", page(n, "通知公告")) for n in range(N_NOTICES)}
    made |= {f"/print/{n}.html": ("text/html", page(n, "打印版本")) for n in COPIES}
    made["/logo.png"] = ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(64))
    made["/empty.html"] = ("text/html", b"<html><body><p>&nbsp;</p></body></html>")
    return made


@contextmanager
def served(asked=None):
    """The address of the site; `asked` hears of each path before it is answered."""
    content = pages()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if asked is not None:
                asked(self.path)
            kind, body = content.get(self.path, ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
