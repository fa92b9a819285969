//! A voice note as a file that every browser plays: µ-law of the telephone (ITU-T G.711) as 16-bit samples in WAV.
//! Taking voice notes is left to the telephone.

/// Samples a second.
const RATE: u32 = 8_000;

/// A WAV file of a voice note.
pub(super) fn wav(mu_law: &[u8]) -> Vec<u8> {
    let length = u32::try_from(mu_law.len() * 2).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(44 + mu_law.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&length.saturating_add(36).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    // 16 bytes follow: PCM, one channel, the rate, bytes a second, bytes a sample, bits a sample.
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&(RATE * 2).to_le_bytes());
    file.extend_from_slice(&2_u16.to_le_bytes());
    file.extend_from_slice(&16_u16.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend(mu_law.iter().flat_map(|byte| sample(*byte).to_le_bytes()));
    file
}

/// G.711 section 3, table 2b: sign, three bits of the segment, four of the step, all inverted; a bias of 33 in 14 bits.
fn sample(byte: u8) -> i16 {
    let bits = !byte;
    let segment = (bits >> 4) & 7;
    let step = i16::from(bits & 15);
    let size = (((step << 3) + 0x84) << segment) - 0x84;
    if bits & 0x80 == 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_middle_are_those_of_g_711() {
        assert_eq!([sample(0xff), sample(0x7f)], [0, 0]);
        assert_eq!([sample(0x80), sample(0x00)], [32_124, -32_124]);
        assert_eq!(sample(0xfe), 8);
    }

    #[test]
    fn a_file_says_how_long_it_is() {
        let file = wav(&[0xff; 80]);
        assert_eq!(file.len(), 44 + 160);
        assert_eq!(&file[40..44], 160_u32.to_le_bytes());
    }
}
