//! How a voice is written down on an ordinary telephone call: one byte for each of 8,000 samples a second.
//! Both laws of ITU-T G.711 by table look-up; which law a call uses is agreed by SIP, not here.

/// Samples a second of every G.711 call (RTP clock rate of payload types 0 and 8, RFC 3551 §6).
pub const SAMPLES_PER_SECOND: u32 = 8_000;

/// Samples, and so payload bytes, in one packet of 20 ms.
pub const FRAME_SAMPLES: usize = 160;

/// The law by which a leg's samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Codec {
    /// µ-law, North America and Japan (static RTP payload type 0).
    Pcmu = 0,
    /// A-law, the rest of the world (static RTP payload type 8).
    Pcma = 8,
}

impl Codec {
    /// The codec of a static RTP payload type (RFC 3551 table 4), if it is one of the two.
    #[must_use]
    pub const fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            _ => None,
        }
    }

    /// The static RTP payload type.
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        self as u8
    }

    /// The name as written in SDP (`a=rtpmap`).
    #[must_use]
    pub const fn sdp_name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }

    /// The byte that stands for silence on an idle telephone circuit.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Self::Pcmu => 0xff,
            Self::Pcma => 0xd5,
        }
    }

    /// One linear 16-bit sample as a byte.
    #[must_use]
    pub fn encode_sample(self, sample: i16) -> u8 {
        match self {
            // µ-law looks at the upper 14 bits, A-law at the upper 12 (and the sign).
            Self::Pcmu => PCMU_ENCODE[usize::from((sample >> 2).cast_unsigned() & 0x3fff)],
            Self::Pcma => PCMA_ENCODE[usize::from((sample >> 4).cast_unsigned() & 0x0fff)],
        }
    }

    /// The 16-bit sample for which a byte stands.
    #[must_use]
    pub fn decode_sample(self, byte: u8) -> i16 {
        self.decode_table()[usize::from(byte)]
    }

    /// Linear samples at 8 kHz as payload bytes.
    #[must_use]
    pub fn encode(self, samples: &[i16]) -> Vec<u8> {
        samples.iter().map(|&sample| self.encode_sample(sample)).collect()
    }

    /// Payload bytes as linear samples at 8 kHz.
    #[must_use]
    pub fn decode(self, payload: &[u8]) -> Vec<i16> {
        payload.iter().map(|&byte| self.decode_sample(byte)).collect()
    }

    /// A look-up from each byte to its sample.
    #[must_use]
    pub(super) fn decode_table(self) -> &'static [i16; 256] {
        match self {
            Self::Pcmu => &PCMU_DECODE,
            Self::Pcma => &PCMA_DECODE,
        }
    }

    /// A look-up for mixing: as [`Self::decode_table`], except that A-law's idle byte counts as nothing. A-law has
    /// no zero (its idle byte means +8), and every silent party would otherwise push the others' words up by 8.
    #[must_use]
    pub(super) fn mix_table(self) -> &'static [i16; 256] {
        match self {
            Self::Pcmu => &PCMU_DECODE,
            Self::Pcma => &PCMA_MIX,
        }
    }

    /// A look-up from each byte of this law to the byte of `other` that sounds nearest.
    #[must_use]
    pub(super) fn transcode_table(self, other: Self) -> Option<&'static [u8; 256]> {
        match (self, other) {
            (Self::Pcmu, Self::Pcma) => Some(&PCMU_TO_PCMA),
            (Self::Pcma, Self::Pcmu) => Some(&PCMA_TO_PCMU),
            _ => None,
        }
    }
}

static PCMU_DECODE: [i16; 256] = pcmu_decode_table();
static PCMA_DECODE: [i16; 256] = pcma_decode_table();
static PCMA_MIX: [i16; 256] = pcma_mix_table();
static PCMU_ENCODE: [u8; 1 << 14] = pcmu_encode_table();
static PCMA_ENCODE: [u8; 1 << 12] = pcma_encode_table();
static PCMU_TO_PCMA: [u8; 256] = transcode(true);
static PCMA_TO_PCMU: [u8; 256] = transcode(false);

/// G.711 table 2: sign, three bits of segment, four of interval, all inverted on the wire; bias 33 on 14 bits.
const fn pcmu_decode(byte: u8) -> i16 {
    let code = !byte;
    let segment = (code >> 4) & 7;
    let interval = (code & 0x0f) as i16;
    let magnitude = (((2 * interval + 33) << segment) - 33) * 4;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

/// G.711 table 1: sign, segment, interval; even bits inverted on the wire; 13 bits.
const fn pcma_decode(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let segment = (code >> 4) & 7;
    let interval = (code & 0x0f) as i16;
    let magnitude = if segment == 0 { (2 * interval + 1) * 8 } else { ((2 * interval + 33) << (segment - 1)) * 8 };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

/// `value` is a 14-bit sample; a negative one is folded as its ones' complement, as G.191's reference does.
const fn pcmu_encode(value: i16) -> u8 {
    let negative = value < 0;
    let folded = if negative { !value } else { value };
    let biased = if folded + 33 > 0x1fff { 0x1fff } else { folded + 33 };
    let mut segment = 0;
    while (biased >> segment) > 0x3f {
        segment += 1;
    }
    // A biased magnitude has its leading one at bit 5 + segment; the four bits below it name the interval.
    let interval = (biased >> (segment + 1)) & 0x0f;
    let code = ((segment as u8) << 4) | interval as u8;
    if negative { !(code | 0x80) } else { !code }
}

/// `value` is a 12-bit sample with sign.
const fn pcma_encode(value: i16) -> u8 {
    let negative = value < 0;
    let folded = if negative { !value } else { value };
    let mut segment = 0;
    let mut interval = folded;
    if folded > 15 {
        segment = 1;
        while interval > 31 {
            interval >>= 1;
            segment += 1;
        }
        interval -= 16;
    }
    let code = ((segment as u8) << 4) | interval as u8;
    (if negative { code } else { code | 0x80 }) ^ 0x55
}

const fn pcmu_decode_table() -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = pcmu_decode(byte as u8);
        byte += 1;
    }
    table
}

const fn pcma_decode_table() -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = pcma_decode(byte as u8);
        byte += 1;
    }
    table
}

const fn pcma_mix_table() -> [i16; 256] {
    let mut table = pcma_decode_table();
    table[0xd5] = 0;
    table
}

const fn pcmu_encode_table() -> [u8; 1 << 14] {
    let mut table = [0; 1 << 14];
    let mut at = 0;
    while at < 1 << 14 {
        // Sign-extend from 14 bits.
        let value = ((at as u16) << 2).cast_signed() >> 2;
        table[at] = pcmu_encode(value);
        at += 1;
    }
    table
}

const fn pcma_encode_table() -> [u8; 1 << 12] {
    let mut table = [0; 1 << 12];
    let mut at = 0;
    while at < 1 << 12 {
        let value = ((at as u16) << 4).cast_signed() >> 4;
        table[at] = pcma_encode(value);
        at += 1;
    }
    table
}

const fn transcode(from_pcmu: bool) -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = if from_pcmu {
            pcma_encode(pcmu_decode(byte as u8) >> 4)
        } else {
            pcmu_encode(pcma_decode(byte as u8) >> 2)
        };
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes by walking the decision values as the Recommendation's tables print them: segment ends, then equal
    /// intervals inside a segment. Nothing is shared with the bit operations above.
    fn pcmu_by_the_table(sample: i16) -> u8 {
        // Table 2: the first decision value of each segment on the 14-bit scale, and the width of its intervals.
        const SEGMENTS: [(f64, f64); 8] = [
            (-1.0, 2.0),
            (31.0, 4.0),
            (95.0, 8.0),
            (223.0, 16.0),
            (479.0, 32.0),
            (991.0, 64.0),
            (2015.0, 128.0),
            (4063.0, 256.0),
        ];
        let negative = sample < 0;
        let scaled = (f64::from(sample) / 4.0).floor();
        let magnitude = if negative { -scaled - 1.0 } else { scaled }.min(8158.0);
        let (segment, (start, width)) = SEGMENTS
            .iter()
            .enumerate()
            .rev()
            .find(|(_, (start, _))| magnitude >= *start)
            .expect("the first starts below 0");
        let interval = ((magnitude - start) / width).floor();
        let number = segment as u8 * 16 + interval as u8;
        if negative { 0x7f - number } else { 0xff - number }
    }

    fn pcma_by_the_table(sample: i16) -> u8 {
        // Table 1 on the 12-bit scale: segments 0 and 1 share intervals of 1, then the width doubles.
        const SEGMENTS: [(f64, f64); 8] = [
            (0.0, 1.0),
            (16.0, 1.0),
            (32.0, 2.0),
            (64.0, 4.0),
            (128.0, 8.0),
            (256.0, 16.0),
            (512.0, 32.0),
            (1024.0, 64.0),
        ];
        let negative = sample < 0;
        let scaled = (f64::from(sample) / 16.0).floor();
        let magnitude = if negative { -scaled - 1.0 } else { scaled };
        let (segment, (start, width)) = SEGMENTS
            .iter()
            .enumerate()
            .rev()
            .find(|(_, (start, _))| magnitude >= *start)
            .expect("the first starts at 0");
        let interval = ((magnitude - start) / width).floor();
        let number = segment as u8 * 16 + interval as u8;
        // "Even bits inverted": the pattern 0x55.
        (if negative { number } else { number + 0x80 }) ^ 0x55
    }

    #[test]
    fn every_sample_is_written_as_the_recommendation_s_tables_say() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(Codec::Pcmu.encode_sample(sample), pcmu_by_the_table(sample), "µ-law of {sample}");
            assert_eq!(Codec::Pcma.encode_sample(sample), pcma_by_the_table(sample), "A-law of {sample}");
        }
    }

    #[test]
    fn a_few_values_printed_in_the_recommendation() {
        // µ-law table 2a: 8031 is the largest output on 14 bits; A-law table 1a: 4032 on 13 bits.
        assert_eq!(Codec::Pcmu.decode_sample(0x80), 8031 * 4);
        assert_eq!(Codec::Pcmu.decode_sample(0x00), -8031 * 4);
        assert_eq!(Codec::Pcmu.decode_sample(0xff), 0);
        assert_eq!(Codec::Pcma.decode_sample(0xaa), 4032 * 8);
        assert_eq!(Codec::Pcma.decode_sample(0x2a), -4032 * 8);
        assert_eq!(Codec::Pcma.decode_sample(0xd5), 8);
    }

    #[test]
    fn only_the_second_zero_of_mu_law_changes_in_decode_and_encode() {
        for byte in 0..=255u8 {
            let back = Codec::Pcmu.encode_sample(Codec::Pcmu.decode_sample(byte));
            assert_eq!(back, if byte == 0x7f { 0xff } else { byte });
            assert_eq!(Codec::Pcma.encode_sample(Codec::Pcma.decode_sample(byte)), byte);
        }
    }

    #[test]
    fn a_decoded_sample_is_within_half_an_interval() {
        for sample in i16::MIN..=i16::MAX {
            for codec in [Codec::Pcmu, Codec::Pcma] {
                let back = i32::from(codec.decode_sample(codec.encode_sample(sample)));
                let magnitude = i32::from(sample).abs().min(32_635);
                // The widest interval of a segment is 1/16 of the segment's start (plus the bias).
                let bound = (magnitude + 132) / 16 / 2 + 12;
                assert!((back - i32::from(sample).clamp(-32_635, 32_635)).abs() <= bound, "{codec:?} {sample} {back}");
            }
        }
    }

    #[test]
    fn silence_between_the_laws_stays_silence() {
        let to_pcma = Codec::Pcmu.transcode_table(Codec::Pcma).expect("the laws differ");
        let to_pcmu = Codec::Pcma.transcode_table(Codec::Pcmu).expect("the laws differ");
        assert_eq!(to_pcma[0xff], 0xd5);
        assert!(Codec::Pcmu.decode_sample(to_pcmu[0xd5]).abs() <= 8);
        assert!(Codec::Pcmu.transcode_table(Codec::Pcmu).is_none());
        assert_eq!(Codec::Pcma.mix_table()[0xd5], 0);
    }
}
