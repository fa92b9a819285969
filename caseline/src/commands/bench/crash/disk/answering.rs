//! Answers the kernel's messages from the image, one after the other, until the disk is taken away.
//! What a message says is left to `wire`; what is on the disk, to `image`.

use super::image::{About, Errno, Image};
use super::wire::{Answer, Asked, MESSAGE_BYTES_MAX, Message, read};
use std::fs::File;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Answers until nobody has the disk mounted any more. While its power is off every answer is an error.
pub fn answer_all(mut kernel: File, image: &Mutex<Image>, is_off: &Arc<AtomicBool>) {
    let mut bytes = vec![0_u8; MESSAGE_BYTES_MAX];
    loop {
        let length = match kernel.read(&mut bytes) {
            Ok(length) => length,
            // Whoever asked was killed meanwhile, or a signal came.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::EINTR | libc::EAGAIN)) => continue,
            Err(_) => return,
        };
        let Some(message) = bytes.get(..length).and_then(read) else { continue };
        if message.asked == Asked::Forget {
            continue;
        }
        let unique = message.unique;
        let answer = {
            let mut image = image.lock().unwrap_or_else(PoisonError::into_inner);
            if is_off.load(Ordering::Acquire) { Err(libc::EIO) } else { answer(&mut image, &message) }
        };
        // Whoever asked may be gone.
        let _ = kernel.write(&Answer::message(unique, answer));
    }
}

fn answer(image: &mut Image, message: &Message<'_>) -> Result<Answer, Errno> {
    let node = message.node;
    let entry = |image: &Image, node: u64| image.about(node).map(|(about, length)| Answer::entry(node, about, length));
    let nothing = Answer::default();
    match &message.asked {
        Asked::Init => Ok(Answer::begun()),
        Asked::LookUp(name) => entry(image, image.look_up(node, name)?),
        Asked::About => image.about(node).map(|(about, length)| Answer::about(node, about, length)),
        Asked::Set { mode, length } => {
            if let Some(mode) = mode {
                image.set_mode(node, *mode)?;
            }
            if let Some(length) = length {
                image.set_length(node, *length)?;
            }
            image.about(node).map(|(about, length)| Answer::about(node, about, length))
        }
        Asked::Make { name, mode } => {
            let made = image.make(node, name, About { mode: *mode, owner: message.owner })?;
            entry(image, made)
        }
        Asked::Create { name, mode } => {
            let made = image.make(node, name, About { mode: *mode, owner: message.owner })?;
            Ok(entry(image, made)?.opened())
        }
        Asked::Remove { name, is_folder } => image.remove(node, name, *is_folder).map(|()| nothing),
        Asked::Rename { to, from_name, to_name, only_new } => {
            image.rename((node, from_name), (*to, to_name), *only_new).map(|()| nothing)
        }
        Asked::Open => image.about(node).map(|_| Answer::default().opened()),
        Asked::Read { at, count } => image.read(node, *at, *count).map(|bytes| Answer(bytes.to_vec())),
        Asked::Write { at, bytes } => image.write(node, *at, bytes).map(|()| Answer::written(bytes.len())),
        Asked::Sync => image.sync(node).map(|()| nothing),
        Asked::List { from, count } => image.list(node).map(|names| Answer::names(&names, *from, *count)),
        Asked::Room => Ok(Answer::room()),
        Asked::Closed | Asked::Forget => Ok(nothing),
        Asked::Other => Err(libc::ENOSYS),
    }
}
