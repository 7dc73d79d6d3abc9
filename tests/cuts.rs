//! Broken and hostile input: bulletins cut at any byte, and texts made to hang a careless scan.
//!
//! Nothing here is timed. A scan that is worse than linear does not come to its end, and that is
//! seen.

use std::env;

use jingwen::rules::Profile;
use jingwen::text::chars;

use crate::generator::hostile;
use crate::golden::{bulletins, decoded};
use crate::laws::{CLEANERS, cleaner};

/// Cuts of each bulletin in a normal run; `JINGWEN_CUTS=all` cuts at every byte.
const CUTS: usize = 60;

/// Bytes of a hostile text. A debug build is slower by a factor of twenty or more.
const HOSTILE: usize = if cfg!(debug_assertions) { 60_000 } else { 1_000_000 };

#[test]
fn bulletins_cut_anywhere_are_cleaned_once_and_for_all() {
    let every = env::var("JINGWEN_CUTS").is_ok_and(|cuts| cuts == "all");
    let cleaner = cleaner(Profile::Standard);
    let mut wrong = Vec::new();
    for (n, made) in bulletins().iter().enumerate() {
        let bytes = made.bytes();
        // The stride shifts from file to file, so that cuts fall on every byte of a character.
        let stride = if every { 1 } else { (bytes.len() / CUTS).max(1) };
        for cut in (n % stride..bytes.len()).step_by(stride) {
            let text = decoded(&bytes[..cut]);
            let once = cleaner.clean(&text);
            if cleaner.clean(&once) != once {
                wrong.push(format!("{} cut at byte {cut} needs a second cleaning", made.place()));
            }
            // The other half begins in the middle of a character, a word, a tag.
            let text = decoded(&bytes[cut..]);
            let once = cleaner.clean(&text);
            if cleaner.clean(&once) != once {
                wrong.push(format!("{} from byte {cut} on needs a second cleaning", made.place()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cuts\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn single_bytes_and_pairs_are_decoded_without_a_panic() {
    let cleaner = cleaner(Profile::Corpus);
    let mut characters = 0;
    for first in 0..=u8::MAX {
        for second in [0x00, 0x0A, 0x30, 0x40, 0x7F, 0x80, 0xA1, 0xB0, 0xD0, 0xFE, 0xFF] {
            for bytes in
                [&[first][..], &[first, second], &[first, second, first], &[first, second, first, second]]
            {
                characters += cleaner.clean(&decoded(bytes)).chars().count();
            }
        }
    }
    assert!(characters > 0, "no byte at all became text");
}

#[test]
fn hostile_texts_come_to_an_end_and_are_settled() {
    let mut wrong = Vec::new();
    for (name, text) in hostile(HOSTILE) {
        for (profile, cleaner) in CLEANERS.iter() {
            let once = cleaner.clean(&text);
            if cleaner.clean(&once) != once {
                wrong.push(format!("{name}, profile {}: not settled", profile.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_hostile_text_is_what_it_says() {
    let texts = hostile(1_000);
    assert!(texts.len() >= 40);
    for (name, text) in &texts {
        assert!((900..=1_000).contains(&text.len()), "{name} has {} bytes", text.len());
    }
    assert!(texts.iter().any(|(_, text)| text.chars().all(chars::is_han)), "no text is all Han");
}
