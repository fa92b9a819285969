//! A packet arrives: whose is it, is it new, is it a key or a voice, and who shall hear it?
//! The rules of latching are in `latch`, those of keys in `keys` and `tones`, of bridging in `bridge`.

use std::net::SocketAddr;

use super::bridge::Renumbering;
use super::demux::Owner;
use super::g711::Codec;
use super::hot::Joined;
use super::latch::{FOLLOW_AFTER_MS, destination};
use super::orders::News;
use super::rtp::{self, NotRtp, RtpHeader, RtpPacket};
use super::thread::MediaThread;
use super::{LegEvent, LegId, PlayEnd};

/// Payload longer than this (120 ms) is no telephone voice.
pub(super) const VOICE_BYTES_MAX: usize = 960;

/// The mean loudness of a packet (of 32,768) from which somebody may be speaking: some -40 dB of full scale, well
/// above the noise of an open microphone, well below low speech.
const LOUD_MEAN: u32 = 300;

/// Loud packets (20 ms each, not all in a row: each quiet one takes one off) after which a voice was heard.
const LOUD_PACKETS: u8 = 8;

/// A step between the two time lines of a bridge beyond which they are joined anew: half a second.
const DRIFT_SAMPLES_MAX: u32 = 4_000;

impl MediaThread {
    /// One datagram that arrived on a port.
    pub(super) fn take(&mut self, port: u16, source: SocketAddr, datagram: &[u8], now_ms: u32) {
        let packet = match rtp::parse(datagram) {
            Ok(packet) => packet,
            Err(NotRtp::Control) => {
                self.counts.control += 1;
                return;
            }
            Err(_) => {
                self.counts.unusable += 1;
                return;
            }
        };
        match self.owner_of(port, source, packet.header.ssrc, now_ms) {
            Some(leg) => self.accept(leg, packet, now_ms),
            None => self.counts.strangers += 1,
        }
    }

    /// The leg to which a packet belongs; a side effect is that a leg may lock to the packet's source.
    fn owner_of(&mut self, port: u16, source: SocketAddr, ssrc: u32, now_ms: u32) -> Option<u32> {
        match self.demux.owner(port, source) {
            Some(Owner::Leg(leg)) => {
                if self.hot[leg as usize].may_relatch {
                    let cold = self.cold[leg as usize].as_mut()?;
                    if cold.latch.present_source_goes_on(&cold.claim, now_ms) {
                        self.lock(leg, source, Some(source), now_ms);
                    }
                }
                Some(leg)
            }
            owner => {
                let gone = matches!(owner, Some(Owner::Gone { ssrc: gone }) if gone == ssrc);
                self.claimant(port, source, ssrc, gone, now_ms)
            }
        }
    }

    /// The leg that may be meant by a packet of an unknown source; `gone` if its stream was an ended call's.
    fn claimant(&mut self, port: u16, source: SocketAddr, ssrc: u32, gone: bool, now_ms: u32) -> Option<u32> {
        let legs = self.demux.port(port)?;
        let cold = |leg: &u32| self.cold[*leg as usize].as_ref();
        // First by signalled address. Of two (the far end gave a port to a new call while ours still had the old),
        // the newer.
        let exact = legs
            .open
            .iter()
            .rev()
            .copied()
            .find(|leg| cold(leg).is_some_and(|cold| cold.claim.signalled() == Some(source)));
        if let Some(leg) = exact {
            self.try_lock(leg, source, ssrc, true, now_ms);
            return Some(leg);
        }
        if gone {
            return None;
        }
        // A stream that is known already may have moved to another port of its address: that is never another
        // leg's, and its own only after a while of silence.
        let address = source.ip();
        let known = legs.all.iter().copied().find(|&leg| {
            let hot = &self.hot[leg as usize];
            hot.started_in
                && hot.ssrc_in == ssrc
                && cold(&leg).is_some_and(|cold| {
                    cold.latch.source().is_some_and(|known| known.ip() == address) && cold.claim.covers(address)
                })
        });
        if let Some(leg) = known {
            let hot = &self.hot[leg as usize];
            let may_follow = hot.may_relatch || now_ms.wrapping_sub(hot.last_in_ms) >= FOLLOW_AFTER_MS;
            return (may_follow && self.try_lock(leg, source, ssrc, false, now_ms)).then_some(leg);
        }
        let mut by_address = legs
            .open
            .iter()
            .copied()
            .filter(|leg| cold(leg).is_some_and(|cold| !cold.claim_withdrawn && cold.claim.covers(address)));
        let leg = by_address.next()?;
        if by_address.next().is_some() {
            // Two might be meant: neither is. Ports are given so that this does not happen but after a re-INVITE.
            return None;
        }
        // Unlike the signalled source, this one is not heard before it is certain.
        self.try_lock(leg, source, ssrc, false, now_ms).then_some(leg)
    }

    fn try_lock(&mut self, leg: u32, source: SocketAddr, ssrc: u32, exact: bool, now_ms: u32) -> bool {
        let Some(cold) = self.cold[leg as usize].as_mut() else { return false };
        let before = cold.latch.source();
        let locked = cold.latch.candidate(source, ssrc, exact);
        if locked {
            self.lock(leg, source, before, now_ms);
        }
        locked
    }

    fn lock(&mut self, leg: u32, source: SocketAddr, before: Option<SocketAddr>, now_ms: u32) {
        let Some(cold) = self.cold[leg as usize].as_ref() else { return };
        let hot = &mut self.hot[leg as usize];
        hot.send_to = destination(&cold.claim, cold.behind_nat, Some(source));
        hot.may_relatch = false;
        self.demux.lock(hot.port, leg, source, before, hot.ssrc_in, now_ms);
        self.tell_leg(leg, LegEvent::Latched { source });
    }

    fn accept(&mut self, leg: u32, packet: RtpPacket<'_>, now_ms: u32) {
        let RtpPacket { header, payload } = packet;
        let hot = &mut self.hot[leg as usize];
        if !hot.is_new(header.ssrc, header.sequence) {
            self.counts.unusable += 1;
            return;
        }
        self.counts.packets_in += 1;
        hot.last_in_ms = now_ms;
        hot.nothing_heard_told = false;
        if !hot.direction.receives() {
            return;
        }
        if hot.telephone_event() == Some(header.payload_type) {
            if let Some(key) = self.cold[leg as usize].as_mut().and_then(|cold| cold.keys.packet(header, payload)) {
                self.key_pressed(leg, key);
            }
            return;
        }
        // Either law is understood, whichever was agreed: the payload type says which it is.
        let Some(codec) = Codec::from_payload_type(header.payload_type) else { return };
        if payload.is_empty() || payload.len() > VOICE_BYTES_MAX {
            self.counts.unusable += 1;
            return;
        }
        self.voice(leg, header, codec, payload, now_ms);
    }

    fn voice(&mut self, leg: u32, header: RtpHeader, codec: Codec, payload: &[u8], now_ms: u32) {
        let hot = &mut self.hot[leg as usize];
        let is_newest = header.sequence == hot.sequence_in;
        let (joined, listens_for_tones, records) = (hot.joined, hot.listens_for_tones, hot.records);
        if !hot.voice_heard {
            let loud = is_loud(codec, payload);
            hot.loud_packets = if loud { hot.loud_packets + 1 } else { hot.loud_packets.saturating_sub(1) };
            if hot.loud_packets >= LOUD_PACKETS {
                hot.voice_heard = true;
                self.tell_leg(leg, LegEvent::VoiceHeard);
            }
        }
        if listens_for_tones && is_newest {
            let mut pressed = None;
            if let Some(tones) = self.cold[leg as usize].as_mut().and_then(|cold| cold.tones.as_mut()) {
                tones.listen(codec, payload, |key| pressed = Some(key));
            }
            if let Some(key) = pressed {
                self.key_pressed(leg, key);
            }
        }
        if records
            && let Some(buffer) = self.cold[leg as usize].as_mut().and_then(|cold| cold.recording.as_mut())
            && buffer.take(header.ssrc, header.timestamp, codec, payload)
            && !std::mem::replace(&mut buffer.full_told, true)
        {
            self.tell_leg(leg, LegEvent::RecordingFull);
        }
        match joined {
            Joined::Alone => {}
            Joined::Pair(other) => self.hand_on(other, header, codec, payload, now_ms),
            Joined::Mix { mixer, seat } => {
                if let Some(mixer) = self.mixers.get_mut(mixer as usize).and_then(|seats| seats.mixer.as_mut()) {
                    mixer.speak(usize::from(seat), header.ssrc, header.timestamp, codec, payload);
                }
            }
        }
    }

    /// Hands a packet on to the other leg of a bridge of two, under our own numbers. Keys are not handed on, so that
    /// what a caller keys stays between the caller and the line.
    fn hand_on(&mut self, other: u32, header: RtpHeader, codec: Codec, payload: &[u8], now_ms: u32) {
        let hot = &mut self.hot[other as usize];
        let Some(cold) = self.cold[other as usize].as_mut() else { return };
        // A prompt, or keys, for this leg alone come first.
        let is_free = hot.direction.sends() && hot.prompt.is_none() && !hot.sends_keys;
        let (true, Some(send_to)) = (is_free, hot.send_to) else {
            cold.renumbering = None;
            return;
        };
        let starts = |hot: &super::hot::HotLeg| {
            let timestamp = hot.own_timestamp();
            Renumbering::start(header.ssrc, header.sequence, header.timestamp, hot.sequence, timestamp)
        };
        let known = cold.renumbering.filter(|known| {
            let drift = header.timestamp.wrapping_add(known.timestamp_shift).wrapping_sub(hot.timeline).cast_signed();
            known.ssrc == header.ssrc && drift.unsigned_abs() <= DRIFT_SAMPLES_MAX
        });
        let (numbers, first) = match known {
            Some(known) => (known, false),
            None => (starts(hot), true),
        };
        if !first && numbers.is_before_start(header.sequence) {
            return;
        }
        cold.renumbering = Some(numbers);
        let sequence = header.sequence.wrapping_add(numbers.sequence_shift);
        let timestamp = header.timestamp.wrapping_add(numbers.timestamp_shift);
        let behind = timestamp.wrapping_add(payload.len() as u32);
        if behind.wrapping_sub(hot.next_timestamp).cast_signed() > 0 {
            hot.next_timestamp = behind;
        }
        if sequence.wrapping_sub(hot.sequence).cast_signed() >= 0 {
            hot.sequence = sequence.wrapping_add(1);
        }
        hot.last_out_ms = now_ms;
        hot.after_pause = false;
        let header = RtpHeader {
            marker: first || header.marker,
            payload_type: hot.codec.payload_type(),
            sequence,
            timestamp,
            ssrc: hot.ssrc,
        };
        let mut datagram = [0; rtp::HEADER_BYTES + VOICE_BYTES_MAX];
        let (head, body) = datagram.split_at_mut(rtp::HEADER_BYTES);
        head.copy_from_slice(&header.to_bytes());
        match codec.transcode_table(hot.codec) {
            None => body[..payload.len()].copy_from_slice(payload),
            Some(table) => body.iter_mut().zip(payload).for_each(|(to, from)| *to = table[usize::from(*from)]),
        }
        let port = hot.port;
        self.send(port, send_to, rtp::HEADER_BYTES + payload.len(), &datagram);
    }

    fn key_pressed(&mut self, leg: u32, key: char) {
        self.tell_leg(leg, LegEvent::Digit(key));
        let stops = self.cold[leg as usize]
            .as_ref()
            .and_then(|cold| cold.lists.front())
            .is_some_and(|list| list.mode.until_key);
        if stops {
            self.stop_lists(leg, PlayEnd::Key);
        }
    }

    /// Ends what plays and what waits.
    pub(super) fn stop_lists(&mut self, leg: u32, how: PlayEnd) {
        let hot = &mut self.hot[leg as usize];
        hot.prompt = None;
        hot.position = 0;
        let id = LegId { thread: self.thread, index: leg, generation: hot.generation };
        while let Some(list) = self.cold[leg as usize].as_mut().and_then(|cold| cold.lists.pop_front()) {
            self.tell(News::PlayEnded { leg: id, list, how });
        }
    }
}

/// Whether a packet is louder than a quiet room.
fn is_loud(codec: Codec, payload: &[u8]) -> bool {
    let table = codec.decode_table();
    let sum: u32 = payload.iter().map(|&byte| u32::from(table[usize::from(byte)].unsigned_abs())).sum();
    sum / payload.len().max(1) as u32 >= LOUD_MEAN
}
