//! `caseline serve`: runs the line until it is asked to stop.
//! What must not go live stops start-up here or in `wiring`.

use super::{Place, init};
use crate::exits::Exit;
use crate::running::Running;
use crate::stopping::asked_to_stop;
use crate::wiring::{self, Purpose};
use std::sync::Arc;

/// Runs the line.
pub async fn run(place: &Place) -> Result<(), Exit> {
    let settings = place.settings()?;
    let program = wiring::program(&settings, Purpose::Service)?;
    let store = init::open_store_of(&place.data(), &settings).await?;
    let prompts = wiring::prompts(&settings, &place.data().join("prompts"))?;
    for language in wiring::full_languages(&program) {
        let requests = wiring::requests_ahead(&program, language);
        wiring::speak_ahead(&prompts, requests, &format!("speaking {}", language.english_name())).await?;
    }
    let line = wiring::line(&settings, program, Arc::clone(&store) as _);
    let running = Running::start(&settings, line, prompts, Arc::clone(&store) as _, &place.data()).await?;
    eprintln!("{}", running.where_to_look());
    asked_to_stop().await;
    eprintln!("Stopping: callers are told, then their calls end.");
    running.stop().await;
    init::write_out(&store).await
}
