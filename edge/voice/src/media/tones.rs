//! The keys of a telephone as tones in the voice, for far ends that agreed to no other way (ITU-T Q.23, Q.24).
//! Keys that come as packets of their own are left to `keys`.

use super::g711::{Codec, SAMPLES_PER_SECOND};

/// Samples looked at together: 12.75 ms. Two banks of filters look, each half a block behind the other, so that a
/// tone of 40 ms (Q.24's shortest) fills at least four blocks wherever it starts.
const BLOCK_SAMPLES: usize = 102;

/// The four tones of a row of keys, then the four of a column, in Hz (Q.23).
const TONES_HZ: [f32; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

const KEYS: [[char; 4]; 4] = [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// Coefficients 2·cos(2πf/8000) of the eight filters.
const COEFFICIENTS: [f32; 8] =
    [1.707_738_3, 1.645_281_8, 1.568_687, 1.478_204_6, 1.164_104, 0.996_370_2, 0.798_618_4, 0.568_532_7];

/// The faintest tone that counts: an amplitude of 150 of 32,768 (-47 dB of full scale).
const AMPLITUDE_MIN: f32 = 150.0;

/// How much louder the column's tone may be than the row's (8 dB), and the row's than the column's (4 dB): Q.24.
const TWIST_MAX: f32 = 6.3;
const REVERSE_TWIST_MAX: f32 = 2.5;

/// By how much a tone must stand out of the other three of its group (8 dB).
const PEAK_MIN: f32 = 6.3;

/// The share of the block's whole energy that the two tones must hold: speech spreads its own wider. A tone that is
/// off by 1 % still holds it; digital senders, the only ones since long, are exact.
const SHARE_MIN: f32 = 0.82;

/// Blocks in a row (a new one each 6.4 ms) that must show the same key: talk may look like a key for less. And blocks
/// without it after which it may come again.
const BLOCKS_MIN: u8 = 4;
const PAUSE_BLOCKS: u8 = 4;

/// Hears keys in the voice of one leg (Goertzel's algorithm).
#[derive(Debug)]
pub(super) struct ToneDetector {
    banks: [Bank; 2],
    candidate: Option<char>,
    blocks: u8,
    pressed: Option<char>,
    pause: u8,
}

/// Eight filters over one block.
#[derive(Debug, Clone, Copy)]
struct Bank {
    earlier: [f32; 8],
    earliest: [f32; 8],
    energy: f32,
    samples: usize,
}

impl ToneDetector {
    pub(super) fn new() -> Self {
        let behind = Bank { samples: BLOCK_SAMPLES / 2, ..Bank::EMPTY };
        Self { banks: [Bank::EMPTY, behind], candidate: None, blocks: 0, pressed: None, pause: 0 }
    }

    /// Listens to a packet; `key` is called with each new key.
    pub(super) fn listen(&mut self, codec: Codec, payload: &[u8], mut key: impl FnMut(char)) {
        let table = codec.mix_table();
        for byte in payload {
            let sample = f32::from(table[usize::from(*byte)]);
            for at in 0..self.banks.len() {
                if let Some(seen) = self.banks[at].listen(sample)
                    && let Some(new) = self.follow(seen)
                {
                    key(new);
                }
            }
        }
    }

    /// Counts blocks; the key once it is certain and new.
    fn follow(&mut self, seen: Option<char>) -> Option<char> {
        self.blocks = if seen.is_some() && seen == self.candidate { self.blocks.saturating_add(1) } else { 1 };
        self.candidate = seen;
        if seen != self.pressed {
            self.pause = self.pause.saturating_add(1);
            if self.pause >= PAUSE_BLOCKS {
                self.pressed = None;
            }
        } else {
            self.pause = 0;
        }
        let key = seen?;
        if self.blocks >= BLOCKS_MIN && self.pressed != Some(key) {
            self.pressed = Some(key);
            self.pause = 0;
            return Some(key);
        }
        None
    }
}

impl Bank {
    const EMPTY: Self = Self { earlier: [0.0; 8], earliest: [0.0; 8], energy: 0.0, samples: 0 };

    /// Takes a sample; at the end of a block, the key that it showed, if any.
    fn listen(&mut self, sample: f32) -> Option<Option<char>> {
        self.energy += sample * sample;
        for ((earlier, earliest), coefficient) in self.earlier.iter_mut().zip(&mut self.earliest).zip(COEFFICIENTS) {
            let next = sample + coefficient * *earlier - *earliest;
            *earliest = std::mem::replace(earlier, next);
        }
        self.samples += 1;
        if self.samples < BLOCK_SAMPLES {
            return None;
        }
        let seen = self.judge();
        *self = Self::EMPTY;
        Some(seen)
    }

    /// The key that this block shows, if any.
    fn judge(&self) -> Option<char> {
        let mut power = [0.0; 8];
        for (tone, power) in power.iter_mut().enumerate() {
            let (a, b) = (self.earlier[tone], self.earliest[tone]);
            *power = a * a + b * b - COEFFICIENTS[tone] * a * b;
        }
        let (row, row_power) = loudest(&power[..4]);
        let (column, column_power) = loudest(&power[4..]);
        let samples = BLOCK_SAMPLES as f32;
        let faintest = (AMPLITUDE_MIN * samples / 2.0) * (AMPLITUDE_MIN * samples / 2.0);
        let stands_out = |group: &[f32], best: usize| {
            group.iter().enumerate().all(|(tone, power)| tone == best || *power * PEAK_MIN < group[best])
        };
        // A pure tone of n samples and energy e has the power e·n/2.
        let share = (row_power + column_power) * 2.0 / (samples * self.energy).max(1.0);
        let is_key = row_power >= faintest
            && column_power >= faintest
            && column_power <= row_power * TWIST_MAX
            && row_power <= column_power * REVERSE_TWIST_MAX
            && stands_out(&power[..4], row)
            && stands_out(&power[4..], column)
            && share >= SHARE_MIN;
        is_key.then_some(KEYS[row][column])
    }
}

/// Keys as tones, each 100 ms with a pause of 80 ms, for far ends that agreed to no other way. `None` if a character
/// is no key.
#[must_use]
pub fn tones_of(keys: &str) -> Option<Vec<i16>> {
    const TONE_SAMPLES: u32 = SAMPLES_PER_SECOND / 10;
    const PAUSE_SAMPLES: u32 = SAMPLES_PER_SECOND * 8 / 100;
    let mut samples = Vec::new();
    for key in keys.chars() {
        let key = key.to_ascii_uppercase();
        let (row, column) = (0..4)
            .flat_map(|row| (0..4).map(move |column| (row, column)))
            .find(|&(row, column)| KEYS[row][column] == key)?;
        let wave = |hz: f32, at: u32| (std::f32::consts::TAU * hz * at as f32 / SAMPLES_PER_SECOND as f32).sin();
        samples.extend((0..TONE_SAMPLES).map(|at| {
            // -10 and -8 dB of full scale: the column a little louder, as Q.24's countries do.
            (5_500.0 * wave(TONES_HZ[row], at) + 7_000.0 * wave(TONES_HZ[4 + column], at)) as i16
        }));
        samples.resize(samples.len() + PAUSE_SAMPLES as usize, 0);
    }
    Some(samples)
}

fn loudest(group: &[f32]) -> (usize, f32) {
    group.iter().copied().enumerate().fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best })
}

/// Decodes bytes as sound of both laws, listens for tones in them, and reads test texts out of them. A fuzz target.
pub fn packet_sounds_never_panic(bytes: &[u8]) {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let samples = codec.decode(bytes);
        assert_eq!(codec.encode(&samples).len(), bytes.len());
        let mut tones = ToneDetector::new();
        let mut reader = crate::speech::TapeReader::new(codec);
        for packet in bytes.chunks(160) {
            tones.listen(codec, packet, |_| {});
            let _ = reader.feed(packet);
        }
        let _ = (reader.gap(160), reader.finish());
    }
    let _ = tones_of(&String::from_utf8_lossy(bytes.get(..64).unwrap_or(bytes)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that each run hears the same noise (xorshift64*).
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> f32 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let bits = (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f32;
            bits / (1u32 << 23) as f32 - 1.0
        }
    }

    fn heard(codec: Codec, samples: &[f32]) -> String {
        let mut detector = ToneDetector::new();
        let mut keys = String::new();
        for packet in samples.chunks(160) {
            let payload: Vec<u8> = packet.iter().map(|&sample| codec.encode_sample(sample as i16)).collect();
            detector.listen(codec, &payload, |key| keys.push(key));
        }
        keys
    }

    fn press(samples: &mut Vec<f32>, key: char, ms: usize, pause_ms: usize, level: f32, twist: f32, off: f32) {
        let (row, column) = (0..16).map(|at| (at / 4, at % 4)).find(|&(row, column)| KEYS[row][column] == key).unwrap();
        for at in 0..ms * 8 {
            let wave = |hz: f32| (std::f32::consts::TAU * hz * off * at as f32 / 8_000.0).sin();
            samples.push(level * wave(TONES_HZ[row]) + level * twist * wave(TONES_HZ[4 + column]));
        }
        samples.resize(samples.len() + pause_ms * 8, 0.0);
    }

    #[test]
    fn the_filters_are_tuned_to_the_tones() {
        for (hz, coefficient) in TONES_HZ.iter().zip(COEFFICIENTS) {
            let exact = 2.0 * (std::f32::consts::TAU * hz / 8_000.0).cos();
            assert!((exact - coefficient).abs() < 1e-5, "{hz}: {exact}");
        }
    }

    #[test]
    fn every_key_is_heard_once_in_noise_at_each_level_length_and_law() {
        let keys = "0123456789*#ABCD";
        let mut noise = Noise(77);
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for (ms, pause_ms) in [(42, 42), (60, 50), (100, 80), (800, 200)] {
                for level in [400.0, 2_000.0, 12_000.0] {
                    for twist in [0.8, 1.0, 1.8] {
                        for off in [0.99, 1.0, 1.01] {
                            let mut samples = vec![0.0; 37];
                            for key in keys.chars() {
                                press(&mut samples, key, ms, pause_ms, level, twist, off);
                            }
                            // 20 dB below one tone.
                            samples.iter_mut().for_each(|sample| *sample += noise.next() * level * 0.12);
                            assert_eq!(
                                heard(codec, &samples),
                                keys,
                                "{codec:?} {ms} ms, level {level}, twist {twist}, off {off}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_key_pressed_twice_is_two_keys_and_held_is_one() {
        let mut samples = Vec::new();
        press(&mut samples, '5', 100, 60, 4_000.0, 1.0, 1.0);
        press(&mut samples, '5', 3_000, 60, 4_000.0, 1.0, 1.0);
        assert_eq!(heard(Codec::Pcmu, &samples), "55");
    }

    /// Ten minutes of something like talk: a voice with gliding pitch and its overtones through three moving
    /// formants, consonants of noise between, at changing loudness.
    #[test]
    fn talk_and_noise_press_no_keys() {
        let mut noise = Noise(4_711);
        let mut samples = Vec::with_capacity(600 * 8_000);
        while samples.len() < 600 * 8_000 {
            let length = 400 + ((noise.next() + 1.0) * 1_200.0) as usize;
            let level = 500.0 + (noise.next() + 1.0) * 5_000.0;
            if noise.next() > 0.4 {
                samples.extend((0..length / 2).map(|_| noise.next() * level));
                continue;
            }
            let pitch = 150.0 + noise.next() * 70.0;
            let glide = noise.next() * 40.0;
            let formants =
                [500.0 + noise.next() * 300.0, 1_500.0 + noise.next() * 700.0, 2_500.0 + noise.next() * 400.0];
            let mut phase = 0.0f32;
            for at in 0..length {
                let now = pitch + glide * at as f32 / length as f32;
                phase += std::f32::consts::TAU * now / 8_000.0;
                let mut sample = 0.0;
                let mut overtone = 1.0;
                while overtone * now < 3_400.0 {
                    let near = |formant: &f32| 1.0 / (1.0 + ((overtone * now - formant) / 90.0).powi(2));
                    let gain: f32 = formants.iter().map(near).sum();
                    sample += gain * (phase * overtone).sin();
                    overtone += 1.0;
                }
                samples.push((sample * level).clamp(-32_000.0, 32_000.0));
            }
        }
        assert_eq!(heard(Codec::Pcmu, &samples), "");
        let single: Vec<f32> =
            (0..80_000).map(|at| 8_000.0 * (std::f32::consts::TAU * 770.0 * at as f32 / 8_000.0).sin()).collect();
        assert_eq!(heard(Codec::Pcmu, &single), "", "one tone alone (a dial tone, a fax)");
    }

    #[test]
    fn tones_that_we_make_are_heard() {
        let samples: Vec<f32> = tones_of("12#D").unwrap().into_iter().map(f32::from).collect();
        assert_eq!(heard(Codec::Pcma, &samples), "12#D");
        assert_eq!(tones_of("1x"), None);
    }
}
