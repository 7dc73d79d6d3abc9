//! Documents come in: files, folders, standard input, compressed or not.
