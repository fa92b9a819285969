//! One measured figure: name, unit, value, what it is compared with, and the machine it was measured on.
//! Measuring is left to whoever makes one.

use crate::commands::Place;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its name, of words and dashes.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// Its value.
    pub value: f64,
    /// The aim, limit or other program that it is compared with, with its source.
    pub peer: &'static str,
}

impl Figure {
    /// A figure.
    pub fn new(name: impl Into<String>, unit: &'static str, value: f64, peer: &'static str) -> Self {
        Self { name: name.into(), unit, value, peer }
    }

    fn json(&self, machine: &str) -> Value {
        json!({ "name": self.name, "unit": self.unit, "value": self.value, "peer": self.peer, "machine": machine })
    }
}

/// Prints figures, in words or as JSON.
pub fn print(place: &Place, figures: &[Figure], notes: &str) {
    let machine = super::machine();
    let rows: Vec<Value> = figures.iter().map(|figure| figure.json(&machine)).collect();
    let width = figures.iter().map(|figure| figure.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for figure in figures {
        let value = written(figure.value);
        let _ = writeln!(text, "{:width$}  {value:>10} {}  ({})", figure.name, figure.unit, figure.peer);
    }
    let _ = writeln!(text, "\n{notes}\nMachine: {machine}");
    place.print(&json!({ "figures": rows, "notes": notes }), &text);
}

/// A value as people read it: small ones as powers of ten.
fn written(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        small if small < 0.01 => format!("{value:.1e}"),
        large if large >= 1_000.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_written_with_all_that_it_is_compared_with() {
        let json = Figure::new("guesses", "a day", 300.0, "none").json("a made-up machine");
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["machine", "name", "peer", "unit", "value"]);
        assert_eq!([0.0, 4.2e-6, 1.5, 224_640.0].map(written), ["0", "4.2e-6", "1.50", "224640"]);
    }
}
