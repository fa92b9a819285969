//! The table of what each target did: for a terminal, and as Markdown for the page of figures.
//! Measuring is left to `process`.

use super::process::Outcome;

const HEADS: [&str; 7] = ["target", "minutes", "CPU seconds", "inputs", "edges", "features", "findings"];

/// For a terminal, in columns.
pub(super) fn as_text(done: &[(String, Outcome)]) -> String {
    let rows: Vec<[String; 7]> = std::iter::once(HEADS.map(str::to_owned)).chain(done.iter().map(cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let row = |row: &[String; 7]| {
        let [name, figures @ ..] = row;
        let figures = figures.iter().zip(&widths[1..]).map(|(figure, width)| format!("  {figure:>width$}"));
        format!("{name:<width$}{}", figures.collect::<String>(), width = widths[0])
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// The same as Markdown.
pub(super) fn as_markdown(done: &[(String, Outcome)]) -> String {
    let row = |cells: &[String; 7]| format!("| {} |\n", cells.join(" | "));
    let mut text = row(&HEADS.map(str::to_owned));
    text.push_str("|---|---|---|---|---|---|---|\n");
    text.extend(done.iter().map(|one| row(&cells(one))));
    text
}

fn cells((name, outcome): &(String, Outcome)) -> [String; 7] {
    let figures = outcome.figures;
    [
        name.clone(),
        format!("{:.1}", outcome.took.as_secs_f64() / 60.0),
        outcome.processor.map_or_else(|| "?".to_owned(), |used| format!("{:.0}", used.as_secs_f64())),
        in_threes(figures.tries),
        in_threes(figures.edges),
        in_threes(figures.features),
        outcome.found.len().to_string(),
    ]
}

/// 1234567 as 1,234,567.
fn in_threes(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::process::Figures;
    use super::*;
    use std::path::PathBuf;
    use std::time::Duration;

    fn two() -> [(String, Outcome); 2] {
        let sdp = Outcome {
            figures: Figures { tries: 1_234_567, edges: 89, features: 1_000 },
            took: Duration::from_secs(600),
            processor: Some(Duration::from_millis(150_400)),
            found: Vec::new(),
        };
        let rtp = Outcome { found: vec![PathBuf::from("crash-1")], processor: None, ..Outcome::default() };
        [("sdp".to_owned(), sdp), ("rtp".to_owned(), rtp)]
    }

    #[test]
    fn a_row_tells_time_on_the_wall_time_of_the_processor_and_what_was_found() {
        let wanted = "\
| target | minutes | CPU seconds | inputs | edges | features | findings |
|---|---|---|---|---|---|---|
| sdp | 10.0 | 150 | 1,234,567 | 89 | 1,000 | 0 |
| rtp | 0.0 | ? | 0 | 0 | 0 | 1 |
";
        assert_eq!(as_markdown(&two()), wanted);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let text = as_text(&two());
        let widths: Vec<usize> = text.lines().map(str::len).collect();
        assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
        assert!(text.contains("\nsdp        10.0          150  1,234,567     89     1,000         0\n"), "{text}");
    }
}
