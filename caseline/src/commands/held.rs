//! `caseline held`: what is kept, why, and until when, from the retention table itself.
//! What is held of one caller is answered with that caller's code, on the line.

use super::Place;
use crate::exits::Exit;
use caseline_helpline::retention::TABLE;

/// Prints the table.
pub fn run(place: &Place) -> Result<(), Exit> {
    // Without settings, the table as it stands; a line may keep things shorter.
    let times = place.settings().map(|settings| settings.retention.times()).unwrap_or_default();
    let mut text = String::from("What is kept, and until when. Nothing else is.\n\n");
    let mut rows = Vec::new();
    for row in TABLE {
        let hours = times.kept(row.class).as_secs() / 3_600;
        let time = if hours.is_multiple_of(24) { format!("{} days", hours / 24) } else { format!("{hours} hours") };
        text.push_str(&format!("{:20} {time:10} from {}\n", row.word, row.from));
        rows.push(serde_json::json!({ "class": row.word, "kept_hours": hours, "from": row.from }));
    }
    place.print(&serde_json::json!({ "held": rows }), &text);
    Ok(())
}
