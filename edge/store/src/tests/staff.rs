//! The desk's contract on both stores, and what stands in the files: nothing that anybody holds.

use super::{Scratch, scratch};
use crate::contract::staff::{Whole, run_staff_contract};
use crate::contract::values::{NOON, at};
use crate::memory::MemoryStore;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{AccountId, NewInvite, Passkey, Secret, StaffStore};

struct InMemory(MemoryStore);

impl AsRef<dyn Whole> for InMemory {
    fn as_ref(&self) -> &(dyn Whole + 'static) {
        &self.0
    }
}

impl AsRef<dyn Whole> for Scratch {
    fn as_ref(&self) -> &(dyn Whole + 'static) {
        &self.store
    }
}

#[tokio::test]
async fn the_model_keeps_the_desk_s_contract() {
    run_staff_contract(async || InMemory(MemoryStore::new())).await;
}

#[tokio::test]
async fn sqlite_keeps_the_desk_s_contract() {
    run_staff_contract(async || scratch(NOON).await).await;
}

#[tokio::test]
async fn no_invitation_and_no_login_stands_in_the_files() {
    let scratch = scratch(NOON).await;
    let invite = NewInvite {
        account: AccountId::from_random(1),
        handle: "desk-1".parse().unwrap(),
        role: StaffRole::Navigator,
        ends_at: None,
        secret: Secret::from_random(0x5ee_d0f1_3ea1_77a2_0000_1111_2222_3333),
    };
    let login = Secret::from_random(0x70b1_4ca2_95d3_3377_4444_5555_6666_7777);
    scratch.store.invite_staff(NOON, &invite).await.unwrap();
    let passkey = Passkey { credential: vec![7; 32], public: "{}".into() };
    scratch.store.join_staff(at(1), &invite.secret, &passkey).await.unwrap().unwrap();
    scratch.store.begin_login(at(2), invite.account, &login, &passkey).await.unwrap();
    scratch.store.write_out().await.unwrap();
    let mut read = 0;
    let mut folders = vec![scratch.dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            read += bytes.len();
            for secret in [&invite.secret, &login] {
                let text = secret.in_link();
                assert!(!bytes.windows(16).any(|part| part == secret.bytes()), "{}", path.display());
                assert!(!bytes.windows(32).any(|part| part == text.as_bytes()), "{}", path.display());
            }
        }
    }
    assert!(read > 10_000, "the files were read: {read} bytes");
}
