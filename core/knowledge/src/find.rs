//! Finds the articles that may answer a typed question: BM25 over their question forms.
//! None is ever given unasked: the caller chooses among three, or a person.

use crate::article::Article;
use crate::library::Library;
use caseline_model::{Date, Language};
use std::collections::{BTreeMap, BTreeSet};

/// At most so many are offered.
pub const OFFERED_MAX: usize = 3;

/// BM25's usual constants (Robertson and Zaragoza 2009).
const K1: f64 = 1.2;
const B: f64 = 0.75;

impl Library {
    /// The speakable articles that fit a question, best first, at most three; none when nothing fits.
    pub fn find(&self, language: Language, question: &str, today: Date) -> Vec<&Article> {
        let forms: Vec<(&Article, Vec<String>)> = self
            .articles()
            .filter(|article| self.speakable(&article.id, today).is_some())
            .flat_map(|article| {
                article.questions.get(&language).into_iter().flatten().map(move |form| (article, words(form)))
            })
            .collect();
        let asked: BTreeSet<String> = words(question).into_iter().collect();
        let mut frequency: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, form) in &forms {
            for word in form.iter().collect::<BTreeSet<_>>() {
                *frequency.entry(word).or_default() += 1;
            }
        }
        let length_mean = forms.iter().map(|row| row.1.len()).sum::<usize>() as f64 / forms.len().max(1) as f64;
        let mut best: BTreeMap<&str, (f64, &Article)> = BTreeMap::new();
        for (article, form) in &forms {
            let score: f64 = asked
                .iter()
                .map(|word| {
                    let count = form.iter().filter(|other| *other == word).count() as f64;
                    let with_it = frequency.get(word.as_str()).copied().unwrap_or(0) as f64;
                    let rarity = (1.0 + (forms.len() as f64 - with_it + 0.5) / (with_it + 0.5)).ln();
                    let length = 1.0 - B + B * form.len() as f64 / length_mean.max(1.0);
                    rarity * count * (K1 + 1.0) / (count + K1 * length)
                })
                .sum();
            if score > 0.0 {
                let entry = best.entry(article.id.0.as_str()).or_insert((score, article));
                if score > entry.0 {
                    *entry = (score, article);
                }
            }
        }
        let mut ranked: Vec<(f64, &Article)> = best.into_values().collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        ranked.into_iter().take(OFFERED_MAX).map(|row| row.1).collect()
    }
}

/// Words of three letters and more, folded to small letters without accents, so that "audiencia" and "AUDIÉNCIA" meet.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(|word| word.chars().flat_map(char::to_lowercase).map(without_accent).collect::<String>())
        .filter(|word| word.chars().count() >= 3)
        .collect()
}

const fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Library {
        let mut library = Library::default();
        for (id, question, grade) in [
            ("moved-court", "I moved, how do I tell the court my new address", "A"),
            ("missed-hearing", "I missed my hearing what happens", "A"),
            ("weak", "how long is the mandamus address wait", "C"),
        ] {
            let text = format!(
                "jurisdiction = \"US\"\ngrade = \"{grade}\"\nrisk = \"dated\"\nchecked-on = \"2026-11-22\"\nexpires-on = \"2027-02-22\"\n\
                 sources = [{{ name = \"made up\", read-on = \"2026-11-22\" }}]\n[questions]\nen = [\"{question}\"]\n"
            );
            library.add_article(&format!("knowledge/articles/{id}.toml"), &text).unwrap();
        }
        library
    }

    fn ids(question: &str, today: Date) -> Vec<String> {
        library().find(Language::ENGLISH, question, today).iter().map(|article| article.id.0.clone()).collect()
    }

    #[test]
    fn a_question_in_other_words_finds_its_article() {
        let today = jiff::civil::date(2026, 12, 1);
        assert_eq!(ids("we have a NEW ADDRESS now", today), ["moved-court"]);
        assert_eq!(ids("my hearing was yesterday and I missed it", today)[0], "missed-hearing");
        assert_eq!(ids("where can I buy bread", today), Vec::<String>::new());
    }

    #[test]
    fn a_weak_or_expired_article_is_never_offered() {
        assert_eq!(ids("mandamus wait", jiff::civil::date(2026, 12, 1)), Vec::<String>::new());
        assert_eq!(ids("new address", jiff::civil::date(2027, 2, 23)), Vec::<String>::new());
    }
}
