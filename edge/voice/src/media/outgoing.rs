//! A leg's turn has come: what does it hear in the next 20 ms? Keys first, then a prompt, then the others on its
//! bridge, else silence. When its turn comes is the wheel's matter.

use std::net::SocketAddr;
use std::sync::Arc;

use super::g711::{Codec, FRAME_SAMPLES};
use super::hot::{Joined, SILENCE_BEHIND_SOUND};
use super::keys::KeyPacket;
use super::orders::News;
use super::rtp::{HEADER_BYTES, RtpHeader};
use super::thread::MediaThread;
use super::{LegEvent, LegId, PlayEnd};

/// How long a prompt waits (in slots of 20 ms) for an address to go to: two seconds, so that a caller behind NAT hears
/// the first word; then it runs on unheard, and the conversation with it.
const SLOTS_WAITED_MAX: u8 = 100;

/// In a bridge of two, silence is sent only when nothing was handed on for this long.
const QUIET_BRIDGE_MS: u32 = 200;

const FRAME: u32 = FRAME_SAMPLES as u32;

static SILENCE_PCMU: [u8; FRAME_SAMPLES] = [Codec::Pcmu.silence(); FRAME_SAMPLES];
static SILENCE_PCMA: [u8; FRAME_SAMPLES] = [Codec::Pcma.silence(); FRAME_SAMPLES];

impl MediaThread {
    /// Serves a leg `rounds` rounds after its last turn.
    pub(super) fn serve(&mut self, leg: u32, rounds: u32, now_ms: u32) {
        let hot = &mut self.hot[leg as usize];
        hot.timeline = hot.timeline.wrapping_add(FRAME.wrapping_mul(rounds));
        if !hot.nothing_heard_told
            && hot.direction.receives()
            && now_ms.wrapping_sub(hot.last_in_ms) >= hot.nothing_heard_after_ms
        {
            hot.nothing_heard_told = true;
            self.tell_leg(leg, LegEvent::NothingHeard);
        }
        let hot = &mut self.hot[leg as usize];
        if !hot.direction.sends() {
            hot.after_pause = true;
        } else if hot.sends_keys {
            self.serve_keys(leg, now_ms);
        } else if let Some(prompt) = &hot.prompt {
            if hot.send_to.is_none() && hot.waited < SLOTS_WAITED_MAX {
                hot.waited += 1;
                return;
            }
            let start = hot.position as usize;
            let mut frame = SILENCE_PCMU;
            if let Some(bytes) = prompt.get(start..start + FRAME_SAMPLES) {
                frame.copy_from_slice(bytes);
            }
            hot.position += FRAME;
            hot.silence_left = SILENCE_BEHIND_SOUND;
            let ended = hot.position as usize >= prompt.len();
            self.send_frame(leg, &frame, now_ms);
            if ended {
                self.next_prompt(leg);
            }
        } else if let Joined::Mix { mixer, seat } = hot.joined {
            let codec = hot.codec;
            let mixed = self.mixers.get_mut(mixer as usize).and_then(|seats| seats.mixer.as_mut());
            if let Some(frame) = mixed.map(|mixer| mixer.listen(usize::from(seat), codec)) {
                self.send_frame(leg, &frame, now_ms);
            }
        } else {
            self.keep_alive(leg, now_ms);
        }
    }

    fn keep_alive(&mut self, leg: u32, now_ms: u32) {
        let hot = &mut self.hot[leg as usize];
        let silent_ms = now_ms.wrapping_sub(hot.last_out_ms);
        let is_due = if matches!(hot.joined, Joined::Pair(_)) {
            silent_ms >= u32::from(hot.keep_alive_ms).max(QUIET_BRIDGE_MS)
        } else if hot.silence_left > 0 {
            hot.silence_left -= 1;
            true
        } else {
            silent_ms >= u32::from(hot.keep_alive_ms)
        };
        if is_due {
            let frame = match hot.codec {
                Codec::Pcmu => &SILENCE_PCMU,
                Codec::Pcma => &SILENCE_PCMA,
            };
            let is_sparse = hot.silence_left == 0 && hot.keep_alive_ms > 0;
            if is_sparse {
                hot.after_pause = false;
            }
            self.send_frame(leg, frame, now_ms);
            // One packet of silence in a pause does not end the pause: the next sound is still its end, and marked.
            self.hot[leg as usize].after_pause = is_sparse;
        } else {
            hot.after_pause = true;
        }
    }

    fn serve_keys(&mut self, leg: u32, now_ms: u32) {
        let hot = &mut self.hot[leg as usize];
        let Some(cold) = self.cold[leg as usize].as_mut() else { return };
        match cold.key_sender.as_mut().map_or(KeyPacket::Done, super::keys::KeySender::next) {
            KeyPacket::Event { payload, starts } => {
                if starts {
                    cold.key_timestamp = hot.own_timestamp();
                }
                let timestamp = cold.key_timestamp;
                if let Some(payload_type) = hot.telephone_event() {
                    // The key's own time passes on the time line while its packets keep the time stamp of its start.
                    hot.next_timestamp = timestamp.wrapping_add(FRAME * 8);
                    self.send_packet(leg, starts, payload_type, timestamp, &payload, now_ms);
                }
            }
            KeyPacket::Pause => hot.after_pause = true,
            KeyPacket::Done => {
                cold.key_sender = None;
                hot.sends_keys = false;
                hot.after_pause = true;
                self.tell_leg(leg, LegEvent::DigitsSent);
            }
        }
    }

    /// The prompt that played has ended: the next of its list, or the next list.
    fn next_prompt(&mut self, leg: u32) {
        let Some(cold) = self.cold[leg as usize].as_mut() else { return };
        let Some(list) = cold.lists.front() else { return };
        cold.prompt_at += 1;
        if cold.prompt_at >= list.prompts.len() && list.mode.repeat {
            cold.prompt_at = 0;
        }
        if cold.prompt_at >= list.prompts.len()
            && let Some(list) = cold.lists.pop_front()
        {
            let id = LegId { thread: self.thread, index: leg, generation: self.hot[leg as usize].generation };
            cold.prompt_at = 0;
            self.tell(News::PlayEnded { leg: id, list, how: PlayEnd::Finished });
        }
        self.load_prompt(leg);
    }

    /// Takes up the prompt that `cold` points at. Lists hold no empty prompts (the asking side leaves them out).
    pub(super) fn load_prompt(&mut self, leg: u32) {
        let Some(cold) = self.cold[leg as usize].as_ref() else { return };
        let hot = &mut self.hot[leg as usize];
        hot.position = 0;
        hot.prompt = cold
            .lists
            .front()
            .and_then(|list| list.prompts.get(cold.prompt_at))
            .map(|prompt| Arc::clone(prompt.bytes()));
    }

    fn send_frame(&mut self, leg: u32, frame: &[u8; FRAME_SAMPLES], now_ms: u32) {
        let hot = &mut self.hot[leg as usize];
        let timestamp = hot.own_timestamp();
        hot.next_timestamp = timestamp.wrapping_add(FRAME);
        let marker = std::mem::replace(&mut hot.after_pause, false);
        let payload_type = hot.codec.payload_type();
        self.send_packet(leg, marker, payload_type, timestamp, frame, now_ms);
    }

    fn send_packet(&mut self, leg: u32, marker: bool, payload_type: u8, timestamp: u32, payload: &[u8], now_ms: u32) {
        let hot = &mut self.hot[leg as usize];
        hot.last_out_ms = now_ms;
        let Some(send_to) = hot.send_to else { return };
        let header = RtpHeader { marker, payload_type, sequence: hot.sequence, timestamp, ssrc: hot.ssrc };
        hot.sequence = hot.sequence.wrapping_add(1);
        let port = hot.port;
        let mut datagram = [0; HEADER_BYTES + FRAME_SAMPLES];
        let (head, body) = datagram.split_at_mut(HEADER_BYTES);
        head.copy_from_slice(&header.to_bytes());
        body[..payload.len()].copy_from_slice(payload);
        if matches!(self.hot[leg as usize].joined, Joined::Pair(_))
            && let Some(cold) = self.cold[leg as usize].as_mut()
        {
            // Our own packet took a number; what is handed on next starts a new count behind it.
            cold.renumbering = None;
        }
        self.send(port, send_to, HEADER_BYTES + payload.len(), &datagram);
    }

    /// The one request to the system that a packet costs.
    pub(super) fn send(&mut self, port: u16, send_to: SocketAddr, bytes: usize, datagram: &[u8]) {
        let Some(socket) = self.sockets.get(usize::from(port)) else { return };
        match socket.send_to(&datagram[..bytes], send_to) {
            Ok(_) => self.counts.packets_out += 1,
            // A full queue or an unreachable far end: voice that can't leave now is of no use later.
            Err(_) => self.counts.send_faults += 1,
        }
    }
}
