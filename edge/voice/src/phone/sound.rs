//! The mouth of the test telephone: a packet every 20 ms, keys as events or tones, and an open port for what comes.
//! Understanding what comes is left to `ear`; agreeing on ports and codecs to `call`.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::ear::{Attention, Ear};
use super::transcript::{Log, PhoneEvent};
use crate::media::Codec;
use crate::media::rtp::{RtpHeader, parse};
use crate::speech::samples_last;

const FRAME: usize = 160;
/// How long a key sounds and how long the pause after it is, in frames of 20 ms.
const KEY_FRAMES: u16 = 10;
const PAUSE_FRAMES: u16 = 5;
/// RFC 4733 §2.5.1.4: the end of an event is sent three times.
const END_PACKETS: usize = 3;
/// -10 dBm0, as most telephones send.
const KEY_VOLUME: u8 = 10;
/// Sound and keys that wait to be sent, at most so many pieces.
const WAITING_MAX: usize = 1_000;
/// The keys of a telephone, in the order of RFC 4733 §3.2.
pub(super) const KEYS: &str = "0123456789*#ABCD";
/// Row and column tones of a keypad in Hz (ITU-T Q.23).
const ROWS_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS_HZ: [f64; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEYPAD: [&str; 4] = ["123A", "456B", "789C", "*0#D"];
/// Each of the two tones of a key, as a sample's height.
const TONE_HEIGHT: f64 = 5_000.0;

/// Packets that are lost on purpose, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// How many of a hundred.
    pub percent: u8,
    /// Equal seeds lose the packets of equal numbers.
    pub seed: u64,
}

/// What the sound task is told.
pub(super) enum SoundOrder {
    /// Speak and listen with the far side there; the codec doesn't change any more.
    Far { address: SocketAddr, codec: Codec, telephone_event: Option<u8>, silent: bool },
    /// Keys as RFC 4733 events.
    Events(String),
    /// Keys as tones in the voice.
    Tones(String),
    /// Sound at 8,000 samples a second.
    Say(Vec<i16>),
    /// From now on another port is open.
    Move(Arc<UdpSocket>),
}

pub(super) struct SoundSettings {
    pub(super) attention: Attention,
    pub(super) loss: Option<Loss>,
    /// Send from this port and not from the one that was signalled.
    pub(super) other_port: Option<UdpSocket>,
    pub(super) sends_silence: bool,
    pub(super) ssrc: u32,
}

/// Opens a port for sound: an even one if that can be had (RFC 3550 §11).
pub(super) async fn open_port(address: IpAddr) -> std::io::Result<UdpSocket> {
    let mut odd = Vec::new();
    for _ in 0..16 {
        let socket = UdpSocket::bind((address, 0)).await?;
        if socket.local_addr()?.port() % 2 == 0 {
            return Ok(socket);
        }
        // Held until the end, so that the next try gets another one.
        odd.push(socket);
    }
    odd.pop().ok_or_else(|| std::io::Error::other("no port"))
}

/// Runs until the order channel is closed.
pub(super) async fn run(
    socket: Arc<UdpSocket>,
    settings: SoundSettings,
    mut orders: mpsc::Receiver<SoundOrder>,
    log: Arc<Log>,
) {
    let mut mouth = Mouth::new(settings, socket);
    let mut clock = interval(Duration::from_millis(20));
    // A telephone that was held up doesn't send what it missed in a burst.
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut here = [0u8; 2_048];
    let mut there = [0u8; 2_048];
    loop {
        let (socket, other) = (mouth.socket.clone(), mouth.other_port.clone());
        tokio::select! {
            order = orders.recv() => match order {
                Some(order) => mouth.obey(order, &log),
                None => break,
            },
            _ = clock.tick() => {
                mouth.send_frame(&log).await;
                listen(&log, |ear| ear.tick(log.began().elapsed()));
            }
            Ok((length, _)) = socket.recv_from(&mut here) => mouth.hear(&here[..length], &log),
            Ok((length, _)) = receive(other.as_deref(), &mut there) => mouth.hear(&there[..length], &log),
        }
    }
    listen(&log, |ear| ear.finish(log.began().elapsed()));
}

async fn receive(socket: Option<&UdpSocket>, into: &mut [u8]) -> std::io::Result<(usize, SocketAddr)> {
    match socket {
        Some(socket) => socket.recv_from(into).await,
        None => std::future::pending().await,
    }
}

/// Gives the ear something and writes down what it understood.
fn listen(log: &Log, then: impl FnOnce(&mut Ear) -> Vec<(Duration, PhoneEvent)>) {
    let (events, speech) = log.with_ear(|ear| match ear {
        Some(ear) => (then(ear), ear.hears_speech()),
        None => (Vec::new(), false),
    });
    if speech {
        log.spoke_now();
    }
    for (at, event) in events {
        log.add_at(at, event);
    }
}

struct Mouth {
    socket: Arc<UdpSocket>,
    other_port: Option<Arc<UdpSocket>>,
    attention: Attention,
    far: Option<SocketAddr>,
    codec: Codec,
    telephone_event: Option<u8>,
    silent: bool,
    sends_silence: bool,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    first: bool,
    waiting: VecDeque<Piece>,
    chance_out: Option<Chance>,
    chance_in: Option<Chance>,
    /// The event that was heard last, by its time stamp.
    heard_event: Option<(u32, u32)>,
    other_codec_told: bool,
}

/// Something to be sent.
enum Piece {
    Event { key: char, frame: u16, began: u32 },
    Sound { key: Option<char>, told: bool, samples: VecDeque<i16> },
}

impl Mouth {
    fn new(settings: SoundSettings, socket: Arc<UdpSocket>) -> Self {
        let chance = |salt: u64| settings.loss.map(|loss| Chance { state: loss.seed ^ salt, percent: loss.percent });
        Self {
            socket,
            other_port: settings.other_port.map(Arc::new),
            attention: settings.attention,
            far: None,
            codec: Codec::Pcmu,
            telephone_event: None,
            silent: false,
            sends_silence: settings.sends_silence,
            sequence: (settings.ssrc >> 16) as u16,
            timestamp: settings.ssrc.rotate_left(7),
            ssrc: settings.ssrc,
            first: true,
            waiting: VecDeque::new(),
            chance_out: chance(0),
            chance_in: chance(0x5555_5555_5555_5555),
            heard_event: None,
            other_codec_told: false,
        }
    }

    fn obey(&mut self, order: SoundOrder, log: &Log) {
        match order {
            SoundOrder::Far { address, codec, telephone_event, silent } => {
                self.far = Some(address);
                self.codec = codec;
                self.telephone_event = telephone_event;
                self.silent = silent;
                log.with_ear(|ear| {
                    ear.get_or_insert_with(|| Ear::new(codec, &self.attention));
                });
            }
            SoundOrder::Move(socket) => self.socket = socket,
            SoundOrder::Events(keys) => {
                for key in keys.chars() {
                    self.wait(Piece::Event { key, frame: 0, began: 0 }, log);
                }
            }
            SoundOrder::Tones(keys) => {
                for key in keys.chars() {
                    let samples = key_tone(key).into();
                    self.wait(Piece::Sound { key: Some(key), told: false, samples }, log);
                }
            }
            SoundOrder::Say(samples) => {
                self.wait(Piece::Sound { key: None, told: false, samples: samples.into() }, log);
            }
        }
    }

    fn wait(&mut self, piece: Piece, log: &Log) {
        if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back(piece);
        } else {
            log.add(PhoneEvent::Trouble("too much waits to be said".to_owned()));
        }
    }

    /// Sends the next 20 ms.
    async fn send_frame(&mut self, log: &Log) {
        if self.far.is_none() {
            return;
        }
        match self.waiting.pop_front() {
            Some(Piece::Event { key, frame, began }) => self.send_event(key, frame, began, log).await,
            Some(Piece::Sound { key, told, mut samples }) => {
                if !told {
                    log.add(match key {
                        Some(key) => PhoneEvent::Pressed(key),
                        None => PhoneEvent::Said { length: samples_last(samples.len()) },
                    });
                }
                let frame: Vec<i16> = (0..FRAME).map(|_| samples.pop_front().unwrap_or(0)).collect();
                let all = samples.is_empty();
                if !all {
                    self.waiting.push_front(Piece::Sound { key, told: true, samples });
                }
                self.send_voice(&frame).await;
                if all && key.is_none() {
                    log.add(PhoneEvent::SaidAll);
                }
            }
            None if self.sends_silence && !self.silent => self.send_voice(&[0; FRAME]).await,
            None => self.first = true,
        }
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
    }

    async fn send_voice(&mut self, samples: &[i16]) {
        let payload = self.codec.encode(samples);
        let marker = std::mem::take(&mut self.first);
        self.send(self.codec.payload_type(), marker, self.timestamp, &payload).await;
    }

    /// One frame of a key: all its packets carry the time stamp of its start and how long it lasts by now.
    async fn send_event(&mut self, key: char, frame: u16, began: u32, log: &Log) {
        let Some(payload_type) = self.telephone_event else {
            log.add(PhoneEvent::Trouble(format!("key {key}: the other side takes no telephone-event")));
            return;
        };
        let Some(event) = KEYS.find(key).and_then(|event| u8::try_from(event).ok()) else { return };
        let began = if frame == 0 { self.timestamp } else { began };
        if frame == 0 {
            log.add(PhoneEvent::Pressed(key));
        }
        if frame < KEY_FRAMES {
            let duration = ((frame + 1) * FRAME as u16).to_be_bytes();
            let last = frame + 1 == KEY_FRAMES;
            let flags = KEY_VOLUME | if last { 0x80 } else { 0 };
            for _ in 0..if last { END_PACKETS } else { 1 } {
                let payload = [event, flags, duration[0], duration[1]];
                self.send(payload_type, frame == 0, began, &payload).await;
            }
        } else if self.sends_silence && !self.silent {
            self.send_voice(&[0; FRAME]).await;
        }
        if frame + 1 < KEY_FRAMES + PAUSE_FRAMES {
            self.waiting.push_front(Piece::Event { key, frame: frame + 1, began });
        }
    }

    async fn send(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) {
        let header = RtpHeader { marker, payload_type, sequence: self.sequence, timestamp, ssrc: self.ssrc };
        self.sequence = self.sequence.wrapping_add(1);
        let lost = self.chance_out.as_mut().is_some_and(Chance::strikes);
        if let (Some(far), false) = (self.far, lost) {
            let mut packet = header.to_bytes().to_vec();
            packet.extend_from_slice(payload);
            let from = self.other_port.as_ref().unwrap_or(&self.socket);
            // What the network refuses is a lost packet.
            let _ = from.send_to(&packet, far).await;
        }
    }

    fn hear(&mut self, datagram: &[u8], log: &Log) {
        let Ok(packet) = parse(datagram) else { return };
        if self.chance_in.as_mut().is_some_and(Chance::strikes) {
            return;
        }
        let header = packet.header;
        if self.telephone_event == Some(header.payload_type) {
            self.hear_event(header, packet.payload, log);
        } else if Codec::from_payload_type(header.payload_type) == Some(self.codec) {
            let at = log.began().elapsed();
            listen(log, |ear| ear.packet(header, packet.payload, at));
        } else if Codec::from_payload_type(header.payload_type).is_some() && !self.other_codec_told {
            self.other_codec_told = true;
            log.add(PhoneEvent::Trouble("voice came in a codec that was not agreed".to_owned()));
        }
    }

    fn hear_event(&mut self, header: RtpHeader, payload: &[u8], log: &Log) {
        let stamp = Some((header.ssrc, header.timestamp));
        let key = payload.first().and_then(|event| KEYS.chars().nth(usize::from(*event)));
        if let Some(key) = key
            && self.heard_event != stamp
        {
            self.heard_event = stamp;
            log.add(PhoneEvent::HeardKey(key));
        }
    }
}

/// The two tones of a key, and the pause after them.
pub(super) fn key_tone(key: char) -> Vec<i16> {
    let mut samples = Vec::new();
    for (row, keys) in KEYPAD.iter().enumerate() {
        if let Some(column) = keys.find(key) {
            let tones = [ROWS_HZ[row], COLUMNS_HZ[column]];
            let count = usize::from(KEY_FRAMES) * FRAME;
            samples.extend((0..count).map(|at| {
                let turn = 2.0 * std::f64::consts::PI * at as f64 / 8_000.0;
                tones.iter().map(|hz| (turn * hz).sin() * TONE_HEIGHT).sum::<f64>() as i16
            }));
            samples.resize(count + usize::from(PAUSE_FRAMES) * FRAME, 0);
        }
    }
    samples
}

/// Seeded chance (SplitMix64): tests must be able to repeat a bad line.
struct Chance {
    state: u64,
    percent: u8,
}

impl Chance {
    fn strikes(&mut self) -> bool {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % 100 < u64::from(self.percent)
    }
}
