//! Fits any speech to a telephone: 8,000 samples a second, 300 to 3,400 Hz, an even loudness, no dead air.
//! G.711 encoding is left to the media engine's tables.

use super::TELEPHONE_RATE_HZ;

/// Loudness that speech is brought to while somebody speaks, in dB below full scale. ITU-T G.711 networks are
/// planned for about -26 dBov of a talker; announcements are usually made some dB louder.
const ACTIVE_LEVEL_DBFS: f32 = -20.0;
/// Peaks are rounded off from here on, and no sample goes above the second, so that nothing is clipped.
const KNEE_DBFS: f32 = -8.0;
const PEAK_DBFS: f32 = -2.0;
/// A 20 ms frame that is this much quieter than the loudest one counts as a pause.
const PAUSE_BELOW_LOUDEST_DB: f32 = 40.0;
/// Below this nothing is amplified: it is noise, or silence.
const NOISE_FLOOR_DBFS: f32 = -60.0;
/// Where the low-pass begins and where it must have stopped everything (ITU-T G.712: 3,400 Hz and 4,000 Hz).
const PASS_HZ: f64 = 3_400.0;
const STOP_HZ: f64 = 4_000.0;
/// How far the stop band is pushed down.
const STOP_DB: f64 = 60.0;
/// Lower edge of the telephone band.
const LOW_HZ: f64 = 300.0;
/// What is left of a pause before and after the speech, in samples (20 ms and 120 ms).
const LEAD_SAMPLES: usize = 160;
const TAIL_SAMPLES: usize = 960;
const FRAME_SAMPLES: usize = 160;

/// Turns sound of any rate from 8,000 Hz into levelled telephone sound without dead air at its ends.
#[must_use]
pub fn to_telephone_band(samples: &[i16], rate_hz: u32) -> Vec<i16> {
    let mut sound = resample(samples, rate_hz);
    high_pass(&mut sound);
    level(&mut sound);
    let sound: Vec<i16> =
        sound.iter().map(|sample| (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16).collect();
    trim(&sound).to_vec()
}

/// Only the change of rate: what a person recorded is not made louder or shorter.
#[must_use]
pub(crate) fn to_telephone_rate(samples: &[i16], rate_hz: u32) -> Vec<i16> {
    if rate_hz == TELEPHONE_RATE_HZ {
        return samples.to_vec();
    }
    resample(samples, rate_hz)
        .iter()
        .map(|sample| (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16)
        .collect()
}

/// Loudness of the frames in which somebody speaks, in dB below full scale; nothing if nobody does.
#[must_use]
pub fn active_level_dbfs(samples: &[i16]) -> Option<f32> {
    let sound: Vec<f32> = samples.iter().map(|sample| f32::from(*sample) / 32_768.0).collect();
    active_power(&sound).map(|power| 10.0 * power.log10())
}

/// A polyphase windowed-sinc filter: low-pass and change of rate in one pass, linear in phase.
fn resample(samples: &[i16], rate_hz: u32) -> Vec<f32> {
    if rate_hz == TELEPHONE_RATE_HZ || samples.is_empty() {
        return samples.iter().map(|sample| f32::from(*sample) / 32_768.0).collect();
    }
    let shared = greatest_common_divisor(rate_hz, TELEPHONE_RATE_HZ);
    let up = (TELEPHONE_RATE_HZ / shared) as usize;
    let down = (rate_hz / shared) as usize;
    let rate = f64::from(rate_hz);
    // Kaiser's formulas for window length and shape (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5).
    let transition = 2.0 * std::f64::consts::PI * (STOP_HZ - PASS_HZ) / rate;
    let half = ((STOP_DB - 8.0) / (2.285 * transition) / 2.0).ceil() as usize;
    let beta = 0.1102 * (STOP_DB - 8.7);
    let cutoff = (PASS_HZ + STOP_HZ) / rate;
    let width = 2 * half + 1;
    let phases: Vec<Vec<f32>> = (0..up)
        .map(|phase| {
            let shift = phase as f64 / up as f64;
            let mut taps: Vec<f64> = (0..width)
                .map(|tap| {
                    let distance = tap as f64 - half as f64 - shift;
                    cutoff * sinc(cutoff * distance) * kaiser(distance / (half as f64 + 1.0), beta)
                })
                .collect();
            let sum: f64 = taps.iter().sum();
            taps.iter_mut().for_each(|tap| *tap /= sum);
            taps.into_iter().map(|tap| tap as f32).collect()
        })
        .collect();
    let length = samples.len() * up / down;
    let at = |index: isize| {
        usize::try_from(index)
            .ok()
            .and_then(|index| samples.get(index))
            .map_or(0.0, |sample| f32::from(*sample) / 32_768.0)
    };
    (0..length)
        .map(|out| {
            let position = out * down;
            let (whole, phase) = (position / up, position % up);
            let first = whole as isize - half as isize;
            phases[phase].iter().enumerate().map(|(tap, weight)| weight * at(first + tap as isize)).sum()
        })
        .collect()
}

/// Second-order Butterworth high-pass at the lower edge of the band (bilinear transform).
fn high_pass(sound: &mut [f32]) {
    let w = (std::f64::consts::PI * LOW_HZ / f64::from(TELEPHONE_RATE_HZ)).tan();
    let norm = 1.0 / (1.0 + std::f64::consts::SQRT_2 * w + w * w);
    let (b0, b1, b2) = (norm, -2.0 * norm, norm);
    let a1 = 2.0 * (w * w - 1.0) * norm;
    let a2 = (1.0 - std::f64::consts::SQRT_2 * w + w * w) * norm;
    let (mut x1, mut x2, mut y1, mut y2) = (0.0f64, 0.0, 0.0, 0.0);
    for sample in sound {
        let x = f64::from(*sample);
        let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
        (x2, x1, y2, y1) = (x1, x, y1, y);
        *sample = y as f32;
    }
}

fn level(sound: &mut [f32]) {
    let Some(power) = active_power(sound) else { return };
    let gain = 10f32.powf(ACTIVE_LEVEL_DBFS / 20.0) / power.sqrt();
    let (knee, most) = (10f32.powf(KNEE_DBFS / 20.0), 10f32.powf(PEAK_DBFS / 20.0));
    for sample in sound {
        let louder = *sample * gain;
        let above = louder.abs() - knee;
        *sample = if above <= 0.0 {
            louder
        } else {
            // Bends towards the limit instead of being cut off at it.
            louder.signum() * (knee + (most - knee) * (above / (most - knee)).tanh())
        };
    }
}

/// Mean power over the frames that are no pause.
fn active_power(sound: &[f32]) -> Option<f32> {
    let powers: Vec<f32> = sound
        .chunks(FRAME_SAMPLES)
        .map(|frame| frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32)
        .collect();
    let loudest = powers.iter().copied().fold(0.0f32, f32::max);
    if loudest < 10f32.powf(NOISE_FLOOR_DBFS / 10.0) {
        return None;
    }
    let threshold = loudest * 10f32.powf(-PAUSE_BELOW_LOUDEST_DB / 10.0);
    let active: Vec<f32> = powers.into_iter().filter(|power| *power >= threshold).collect();
    Some(active.iter().sum::<f32>() / active.len() as f32)
}

fn trim(sound: &[i16]) -> &[i16] {
    let loud = |sample: &i16| sample.unsigned_abs() > 64;
    let (Some(first), Some(last)) = (sound.iter().position(loud), sound.iter().rposition(loud)) else {
        return &[];
    };
    let from = first.saturating_sub(LEAD_SAMPLES);
    let to = (last + 1 + TAIL_SAMPLES).min(sound.len());
    &sound[from..to]
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let x = std::f64::consts::PI * x;
    x.sin() / x
}

fn kaiser(x: f64, beta: f64) -> f64 {
    if x.abs() >= 1.0 {
        return 0.0;
    }
    bessel_i0(beta * (1.0 - x * x).sqrt()) / bessel_i0(beta)
}

fn bessel_i0(x: f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 1.0;
    for k in 1..40 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: u32, seconds: f64) -> Vec<i16> {
        (0..(f64::from(rate) * seconds) as usize)
            .map(|n| {
                let turn = 2.0 * std::f64::consts::PI * hz * n as f64 / f64::from(rate);
                (turn.sin() * 10_000.0) as i16
            })
            .collect()
    }

    fn loudness(samples: &[f32]) -> f32 {
        let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
        10.0 * (middle.iter().map(|s| s * s).sum::<f32>() / middle.len() as f32).log10()
    }

    #[test]
    fn a_tone_in_the_band_keeps_its_loudness_and_one_above_it_is_gone() {
        for rate in [16_000, 22_050, 44_100, 48_000] {
            let kept = loudness(&resample(&tone(1_000.0, rate, 0.5), rate));
            assert!((kept - -13.3).abs() < 0.3, "{rate} Hz: 1 kHz came out at {kept} dBFS");
            // Without the low-pass 5 kHz would come back as a 3 kHz whistle.
            let whistle = loudness(&resample(&tone(5_000.0, rate, 0.5), rate));
            assert!(whistle < -65.0, "{rate} Hz: 5 kHz came out at {whistle} dBFS");
        }
    }

    #[test]
    fn the_length_in_seconds_stays() {
        assert_eq!(resample(&tone(500.0, 22_050, 2.0), 22_050).len(), 16_000);
    }

    #[test]
    fn quiet_and_loud_speech_come_out_equally_loud() {
        for amplitude in [0.02f32, 0.9] {
            let sound: Vec<i16> = tone(800.0, 22_050, 1.0).iter().map(|s| (f32::from(*s) * amplitude) as i16).collect();
            let level = active_level_dbfs(&to_telephone_band(&sound, 22_050)).unwrap();
            assert!((level - ACTIVE_LEVEL_DBFS).abs() < 1.0, "{amplitude}: {level} dBFS");
        }
    }

    #[test]
    fn dead_air_is_cut_off_and_silence_stays_silence() {
        let mut sound = vec![0i16; 22_050];
        sound.extend(tone(800.0, 22_050, 0.5));
        sound.extend(vec![0i16; 22_050]);
        let trimmed = to_telephone_band(&sound, 22_050);
        assert!(trimmed.len() < 4_000 + LEAD_SAMPLES + TAIL_SAMPLES + 200, "{}", trimmed.len());
        assert!(to_telephone_band(&vec![0; 22_050], 22_050).is_empty());
    }
}
