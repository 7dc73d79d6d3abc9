//! gzip (RFC 1952), of any number of members. A damaged member does not take the others with it:
//! reading goes on at the next place that looks like the start of one.

use flate2::Crc;
use flate2::Decompress;
use flate2::FlushDecompress;
use flate2::Status;
use memchr::memchr;
use memchr::memmem;

use crate::source::batch::Cause;
use crate::source::input::Input;
use crate::source::unpack::Damage;
use crate::source::unpack::Piece;

pub(super) const MAGIC: &[u8] = &[0x1F, 0x8B, 0x08];

/// File name, comment and extra field of a header; longer ones are no honest gzip.
const MAX_HEADER: usize = 256 * 1024;

/// A file made of nothing but false starts would be read again from each of them.
const MAX_AGAIN: u64 = 256 << 20;

const FLAG_CRC: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;
const FLAGS_RESERVED: u8 = 0xE0;

enum State {
    /// Between members.
    Between,
    /// Inside the compressed data of a member.
    Inside,
    /// Behind it, before the checksum.
    Behind,
    /// A damage is told; look for the next member from this position on.
    Lost(u64),
    Done,
}

pub(super) struct Gzip {
    input: Input,
    inflate: Decompress,
    crc: Crc,
    /// Where the member began.
    start: u64,
    members: u64,
    /// Bytes that were read a second time to find members behind a damage.
    again: u64,
    state: State,
}

impl Gzip {
    pub(super) fn new(input: Input) -> Self {
        Self {
            input,
            inflate: Decompress::new(false),
            crc: Crc::new(),
            start: 0,
            members: 0,
            again: 0,
            state: State::Between,
        }
    }

    pub(super) fn at(&self) -> u64 {
        self.input.at()
    }

    pub(super) fn read(&mut self, into: &mut [u8]) -> Piece {
        loop {
            let step = match self.state {
                State::Between => self.header(),
                State::Inside => match self.inflate(into) {
                    Ok(0) => {
                        self.state = State::Behind;
                        continue;
                    }
                    Ok(n) => return Piece::Bytes(n),
                    Err(what) => Err(what),
                },
                State::Behind => self.trailer(),
                State::Lost(from) => {
                    self.seek_member(from);
                    continue;
                }
                State::Done => return Piece::End,
            };
            if let Err(damage) = step {
                // Bytes that were decoded wrongly may have run over the next member's start.
                self.state = State::Lost(self.start + 1);
                return Piece::Damaged(damage);
            }
        }
    }

    fn header(&mut self) -> Result<(), Damage> {
        self.start = self.input.at();
        self.input.tell()?;
        let (members, start) = (self.members, self.start);
        let head = self.input.peek(10);
        if head.is_empty() {
            self.input.tell()?;
            self.state = State::Done;
            return Ok(());
        }
        if !head.starts_with(MAGIC) {
            if members == 0 || head.first() != Some(&0) {
                return Err(self.rubbish());
            }
            return self.padding();
        }
        if head.len() < 10 || head[3] & FLAGS_RESERVED != 0 {
            return Err(self.damage(format!("the gzip header at byte {start} is cut or has reserved flags")));
        }
        let flags = head[3];
        let head = self.input.peek(if flags == 0 { 10 } else { MAX_HEADER });
        let Some(len) = header_len(head, flags) else {
            return Err(
                self.damage(format!("the gzip header at byte {start} has no end within {MAX_HEADER} bytes"))
            );
        };
        self.input.consume(len);
        self.inflate.reset(false);
        self.crc.reset();
        self.members += 1;
        self.state = State::Inside;
        Ok(())
    }

    /// Zeros behind the last member are how tapes and block devices end; anything else is named.
    fn padding(&mut self) -> Result<(), Damage> {
        loop {
            let bytes = self.input.fill()?;
            if bytes.is_empty() {
                self.state = State::Done;
                return Ok(());
            }
            let zeros = bytes.iter().position(|&b| b != 0).unwrap_or(bytes.len());
            let more = zeros < bytes.len();
            self.input.consume(zeros);
            if more {
                self.start = self.input.at();
                let member = self.input.peek(MAGIC.len()).starts_with(MAGIC);
                return if member { Ok(()) } else { Err(self.rubbish()) };
            }
        }
    }

    fn rubbish(&self) -> Damage {
        self.damage(format!("no gzip member starts at byte {}: what follows is not read", self.start))
    }

    fn damage(&self, what: String) -> Damage {
        Damage { cause: Cause::Damaged, what, at: self.input.at(), unverified: false }
    }

    /// Decodes into `into`; 0 at the end of the compressed data.
    fn inflate(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        loop {
            let start = self.start;
            let bytes = self.input.fill()?;
            if bytes.is_empty() {
                return Err(
                    self.damage(format!("the file ends inside the gzip member that starts at byte {start}"))
                );
            }
            let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(bytes, into, FlushDecompress::None);
            self.input.consume((self.inflate.total_in() - taken) as usize);
            let n = (self.inflate.total_out() - given) as usize;
            self.crc.update(&into[..n]);
            match status {
                Ok(status) if n > 0 => {
                    if status == Status::StreamEnd {
                        self.state = State::Behind;
                    }
                    return Ok(n);
                }
                Ok(Status::StreamEnd) => return Ok(0),
                Ok(_) if self.inflate.total_in() > taken => {}
                Ok(_) | Err(_) => {
                    let at = self.input.at();
                    return Err(self.damage(format!(
                        "the gzip member that starts at byte {start} is damaged at byte {at}"
                    )));
                }
            }
        }
    }

    fn trailer(&mut self) -> Result<(), Damage> {
        let start = self.start;
        let bytes = self.input.peek(8);
        let [c0, c1, c2, c3, s0, s1, s2, s3, ..] = *bytes else {
            return Err(self.damage(format!(
                "the gzip member that starts at byte {start} ends without its checksum: its text is unverified"
            )));
        };
        if [c0, c1, c2, c3] != self.crc.sum().to_le_bytes()
            || [s0, s1, s2, s3] != self.crc.amount().to_le_bytes()
        {
            let damage = self.damage(format!(
                "the checksum of the gzip member that starts at byte {start} does not fit: its text is unverified"
            ));
            return Err(Damage { unverified: true, ..damage });
        }
        self.input.consume(8);
        self.state = State::Between;
        Ok(())
    }

    /// Finds the next possible member behind `from`. Pipes cannot go back and are searched from
    /// where they are.
    fn seek_member(&mut self, from: u64) {
        self.again += self.input.at().saturating_sub(from);
        if self.again <= MAX_AGAIN {
            self.input.go_back(from);
        }
        loop {
            let bytes = self.input.peek(MAGIC.len() + 1);
            if bytes.len() <= MAGIC.len() {
                break;
            }
            match memmem::find(bytes, MAGIC) {
                Some(n) if n + MAGIC.len() == bytes.len() => self.input.consume(n.max(1)),
                Some(n) if bytes[n + MAGIC.len()] & FLAGS_RESERVED == 0 => {
                    self.input.consume(n);
                    self.state = State::Between;
                    return;
                }
                Some(n) => self.input.consume(n + 1),
                None => {
                    let n = bytes.len() - MAGIC.len() + 1;
                    self.input.consume(n);
                }
            }
        }
        self.state = State::Done;
    }
}

/// Length of a header that lies whole in `head`.
fn header_len(head: &[u8], flags: u8) -> Option<usize> {
    let mut len = 10;
    if flags & FLAG_EXTRA != 0 {
        let size = head.get(len..len + 2)?;
        len += 2 + usize::from(u16::from_le_bytes([size[0], size[1]]));
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            len += memchr(0, head.get(len..)?)? + 1;
        }
    }
    if flags & FLAG_CRC != 0 {
        len += 2;
    }
    (len <= head.len()).then_some(len)
}
