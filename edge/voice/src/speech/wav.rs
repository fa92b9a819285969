//! Reads and writes sound files (RIFF WAVE), as recorders, espeak-ng and audio editors make them.
//! Turning what was read into telephone sound is left to `telephone_band` and the media engine's G.711 tables.
//!
//! Only one channel is taken. A length field that promises more bytes than there are is believed only as far as
//! the bytes go, because a program that writes to a pipe can't know the length beforehand.

use std::io::Write;
use thiserror::Error;

/// How the samples stand in the file (the format tag of the `fmt ` chunk).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WavFormat {
    /// 16-bit little-endian samples (tag 1).
    Pcm16,
    /// G.711 A-law bytes (tag 6).
    Alaw,
    /// G.711 µ-law bytes (tag 7).
    Ulaw,
}

/// A sound file as it was read: nothing converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wav {
    /// How to read `data`.
    pub format: WavFormat,
    /// Samples a second.
    pub rate_hz: u32,
    /// The bytes of the `data` chunk.
    pub data: Vec<u8>,
}

/// Why a sound file can't be used, in words for the person who made it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WavFault {
    /// Not a RIFF WAVE file at all.
    #[error("it is not a WAV file")]
    NotWav,
    /// The file ends before its sound begins.
    #[error("it has no sound in it: the file is cut off")]
    NoData,
    /// Two channels or more.
    #[error("it has {channels} channels: save it again with one (mono)")]
    Channels {
        /// How many there are.
        channels: u16,
    },
    /// A format we don't read.
    #[error("its format (tag {tag}, {bits} bits) is not 16-bit PCM, A-law or µ-law: save it again as 16-bit PCM")]
    Format {
        /// The format tag.
        tag: u16,
        /// Bits a sample.
        bits: u16,
    },
    /// A sampling rate that no recorder uses for speech.
    #[error("its rate of {rate_hz} samples a second is not between 8000 and 48000: save it again at 8000")]
    Rate {
        /// Samples a second.
        rate_hz: u32,
    },
}

impl Wav {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// A [`WavFault`] that says what to change in the file.
    pub fn read(bytes: &[u8]) -> Result<Self, WavFault> {
        if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
            return Err(WavFault::NotWav);
        }
        let mut rest = &bytes[12..];
        let mut head = None;
        while let Some((name, length, after)) = chunk_head(rest) {
            let body = &after[..length.min(after.len())];
            if name == *b"fmt " {
                head = Some(read_format(body)?);
            } else if name == *b"data" {
                let (format, rate_hz) = head.ok_or(WavFault::NotWav)?;
                if body.is_empty() {
                    return Err(WavFault::NoData);
                }
                return Ok(Self { format, rate_hz, data: body.to_vec() });
            }
            // Chunks are padded to an even length (RIFF, "Multimedia Programming Interface", 1991).
            rest = &after[body.len()..];
            if length % 2 == 1 && !rest.is_empty() {
                rest = &rest[1..];
            }
        }
        Err(WavFault::NoData)
    }

    /// The samples of a 16-bit file; nothing for the other formats.
    #[must_use]
    pub fn pcm16(&self) -> Option<Vec<i16>> {
        (self.format == WavFormat::Pcm16)
            .then(|| self.data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
    }
}

/// Writes 16-bit sound of one channel as a WAV file.
///
/// # Errors
/// What the operating system says, for example that the disk is full.
pub fn write_pcm16(to: &mut impl Write, rate_hz: u32, samples: &[i16]) -> std::io::Result<()> {
    let bytes = u32::try_from(samples.len() * 2).map_err(std::io::Error::other)?;
    let mut head = Vec::with_capacity(44);
    head.extend_from_slice(b"RIFF");
    head.extend_from_slice(&(36u32.saturating_add(bytes)).to_le_bytes());
    head.extend_from_slice(b"WAVEfmt ");
    head.extend_from_slice(&16u32.to_le_bytes());
    head.extend_from_slice(&1u16.to_le_bytes());
    head.extend_from_slice(&1u16.to_le_bytes());
    head.extend_from_slice(&rate_hz.to_le_bytes());
    head.extend_from_slice(&(rate_hz * 2).to_le_bytes());
    head.extend_from_slice(&2u16.to_le_bytes());
    head.extend_from_slice(&16u16.to_le_bytes());
    head.extend_from_slice(b"data");
    head.extend_from_slice(&bytes.to_le_bytes());
    to.write_all(&head)?;
    let mut body = Vec::with_capacity(samples.len() * 2);
    for sample in samples {
        body.extend_from_slice(&sample.to_le_bytes());
    }
    to.write_all(&body)
}

fn chunk_head(bytes: &[u8]) -> Option<([u8; 4], usize, &[u8])> {
    let (head, after) = bytes.split_at_checked(8)?;
    let name = [head[0], head[1], head[2], head[3]];
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    Some((name, length as usize, after))
}

fn read_format(body: &[u8]) -> Result<(WavFormat, u32), WavFault> {
    if body.len() < 16 {
        return Err(WavFault::NotWav);
    }
    let short = |at: usize| u16::from_le_bytes([body[at], body[at + 1]]);
    let mut tag = short(0);
    let channels = short(2);
    let rate_hz = u32::from_le_bytes([body[4], body[5], body[6], body[7]]);
    let bits = short(14);
    // WAVE_FORMAT_EXTENSIBLE carries the true tag in the first two bytes of its sub-format.
    if tag == 0xFFFE && body.len() >= 26 {
        tag = short(24);
    }
    if channels != 1 {
        return Err(WavFault::Channels { channels });
    }
    let format = match (tag, bits) {
        (1, 16) => WavFormat::Pcm16,
        (6, 8) => WavFormat::Alaw,
        (7, 8) => WavFormat::Ulaw,
        _ => return Err(WavFault::Format { tag, bits }),
    };
    if !(8_000..=48_000).contains(&rate_hz) {
        return Err(WavFault::Rate { rate_hz });
    }
    Ok((format, rate_hz))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let mut file = Vec::new();
        write_pcm16(&mut file, 8_000, &[0, 1, -1, i16::MAX, i16::MIN]).unwrap();
        let wav = Wav::read(&file).unwrap();
        assert_eq!(wav.rate_hz, 8_000);
        assert_eq!(wav.pcm16().unwrap(), [0, 1, -1, i16::MAX, i16::MIN]);
    }

    #[test]
    fn a_file_from_a_pipe_promises_more_than_it_has_and_is_read_all_the_same() {
        let mut file = Vec::new();
        write_pcm16(&mut file, 22_050, &[7; 10]).unwrap();
        file[40..44].copy_from_slice(&0x7FFF_F000u32.to_le_bytes());
        assert_eq!(Wav::read(&file).unwrap().pcm16().unwrap(), [7; 10]);
    }

    #[test]
    fn a_stereo_file_is_refused_with_what_to_do() {
        let mut file = Vec::new();
        write_pcm16(&mut file, 8_000, &[7; 10]).unwrap();
        file[22] = 2;
        let said = Wav::read(&file).unwrap_err().to_string();
        assert!(said.contains("2 channels") && said.contains("mono"), "{said}");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(bytes: Vec<u8>) {
            let _ = Wav::read(&bytes);
            let mut file = Vec::new();
            write_pcm16(&mut file, 8_000, &[1, 2, 3]).unwrap();
            for (at, byte) in bytes.iter().enumerate().take(file.len()) {
                file[at] ^= byte;
            }
            let _ = Wav::read(&file);
        }
    }
}
