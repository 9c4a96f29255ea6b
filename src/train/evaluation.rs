//! Evaluation: several models trained anew and measured on the same held-out ratings, `popularity` always among them.

use super::Training;
use crate::data::split::{Split, k_fold};
use crate::data::{Catalog, Interactions, Warning};
use crate::eval::Metrics;
use crate::ground::json::written_as;
use crate::ground::{Error, Result};
use crate::models::{Lesson, Spec};

/// How ratings are held out.
#[derive(Clone, Debug)]
pub enum Protocol {
    /// One split of the data.
    Split(Split),
    /// Each rating held out once; figures are means of the folds.
    KFold(usize),
    /// Held-out ratings given by the caller; people and items that do not occur in the data are dropped.
    Given(Box<Interactions>),
}

/// One model's figures.
#[derive(Clone, Debug)]
pub struct Row {
    /// Name for people.
    pub name: String,
    /// Version the parameters were taken from.
    pub version: Option<String>,
    /// Public name of the model.
    pub model: String,
    /// The figures.
    pub metrics: Metrics,
}

written_as!(Row { name => "name", version => "version", model => "model", metrics => "metrics" });

/// Ready to plot.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was done, in words.
    pub protocol: String,
    /// Length of lists.
    pub k: usize,
    /// Seed of splits and models.
    pub seed: f64,
    /// A row per model.
    pub rows: Vec<Row>,
    /// A series per metric, a value per row.
    pub series: Vec<Series>,
    /// Names of the rows, for the axis.
    pub labels: Vec<String>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

written_as!(Report { protocol => "protocol", k => "k", seed => "seed", rows => "rows", series => "series", labels => "labels", warnings => "warnings" });

/// One metric over all rows.
#[derive(Clone, Debug)]
pub struct Series {
    /// Key of the metric.
    pub name: String,
    /// For people.
    pub label: String,
    /// A value per row.
    pub values: Vec<f64>,
}

written_as!(Series { name => "name", label => "label", values => "values" });

/// A model that is to be measured.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Name for people.
    pub name: String,
    /// Version the parameters come from.
    pub version: Option<String>,
    /// What to train.
    pub spec: Spec,
}

/// An evaluation under way.
#[allow(missing_debug_implementations)] // holds whole data sets
pub struct Evaluation {
    folds: Vec<(Interactions, Interactions)>,
    catalog: Option<Catalog>,
    candidates: Vec<Candidate>,
    results: Vec<Vec<Metrics>>,
    current: Option<Box<Training>>,
    k: usize,
    seed: u64,
    protocol: String,
    warnings: Vec<Warning>,
}

impl Evaluation {
    /// Splits the data; `popularity` is put in front where it is not asked for.
    pub fn begin(
        lesson: &Lesson<'_>,
        mut candidates: Vec<Candidate>,
        protocol: Protocol,
        k: usize,
        seed: u64,
    ) -> Result<Evaluation> {
        let (data, catalog) = (lesson.data, lesson.catalog.cloned());
        let mut warnings = Vec::new();
        let (folds, words) = match protocol {
            Protocol::Split(split) => {
                let parts = split.apply(data, seed)?;
                if matches!(split, Split::Random { .. }) && data.has_times() {
                    let text = "The ratings have times: a random split lets the future explain the past. A split by time is closer to use.";
                    warnings.push(Warning::new("random-split-with-times", text));
                }
                (vec![(data.rows(&parts.train), data.rows(&parts.test))], split.words())
            }
            Protocol::KFold(n) => {
                let folds = k_fold(data.len(), n, seed)?;
                let parts = folds.iter().map(|p| (data.rows(&p.train), data.rows(&p.test))).collect();
                (parts, format!("{n}-fold"))
            }
            Protocol::Given(test) => {
                let (test, dropped) = align(data, &test);
                if dropped > 0 {
                    let text = format!(
                        "{dropped} held-out ratings are of people or items without a training rating."
                    );
                    warnings.push(Warning::new("unknown-held-out", text));
                }
                (vec![(data.clone(), test)], "given".to_owned())
            }
        };
        if folds.iter().any(|(train, test)| train.is_empty() || test.is_empty()) {
            return Err(Error::argument("protocol", "a split that leaves ratings on both sides", words));
        }
        if !candidates.iter().any(|c| c.spec.name() == "popularity") {
            let spec = Spec::new("popularity", None)?;
            candidates.insert(0, Candidate { name: "popularity".into(), version: None, spec });
        }
        let results = vec![Vec::new(); candidates.len()];
        Ok(Evaluation {
            folds,
            catalog,
            candidates,
            results,
            current: None,
            k,
            seed,
            protocol: words,
            warnings,
        })
    }

    /// True once [`Evaluation::finish`] has every figure.
    pub fn is_done(&self) -> bool {
        self.results.iter().all(|folds| folds.len() == self.folds.len())
    }

    /// Works on about `budget` ratings; gives the share done, and 1 at the end.
    pub fn step(&mut self, budget: usize) -> Result<f64> {
        let total = self.candidates.len() * self.folds.len();
        let done: usize = self.results.iter().map(Vec::len).sum();
        if self.is_done() {
            return Ok(1.0);
        }
        let (candidate, fold) = (done / self.folds.len(), done % self.folds.len());
        let mut training = match self.current.take() {
            Some(training) => training,
            None => {
                let (train, test) = self.folds[fold].clone();
                // Fixed epochs: stopping early by the held-out ratings would measure on what was chosen by.
                let spec = self.candidates[candidate].spec.clone();
                Box::new(Training::on(train, test, self.catalog.as_ref(), spec, 0, self.k, self.seed)?)
            }
        };
        let progress = training.step(budget)?;
        if training.is_done() {
            let trained = training.finish().unwrap_or_else(|_| unreachable!("it says it is done"));
            self.results[candidate].push(trained.metrics.expect("the held-out part is not empty"));
            return Ok((done + 1) as f64 / total as f64);
        }
        self.current = Some(training);
        Ok((done as f64 + progress.fraction) / total as f64)
    }

    /// The report; call it once [`Evaluation::step`] has given 1.
    pub fn finish(self) -> Report {
        let rows: Vec<Row> = self
            .candidates
            .into_iter()
            .zip(&self.results)
            .map(|(c, folds)| Row {
                name: c.name,
                version: c.version,
                model: c.spec.name().to_owned(),
                metrics: Metrics::mean(folds),
            })
            .collect();
        let series = [
            ("rmse", "RMSE", (|m| m.rmse) as fn(&Metrics) -> f64),
            ("mae", "MAE", |m| m.mae),
            ("ndcg", "nDCG", |m| m.ndcg),
            ("precision", "Precision", |m| m.precision),
            ("recall", "Recall", |m| m.recall),
            ("coverage", "Coverage", |m| m.coverage),
        ]
        .into_iter()
        .map(|(name, label, of)| Series {
            name: name.into(),
            label: label.into(),
            values: rows.iter().map(|r| of(&r.metrics)).collect(),
        })
        .collect();
        Report {
            protocol: self.protocol,
            k: self.k,
            seed: self.seed as f64,
            labels: rows.iter().map(|r| r.name.clone()).collect(),
            rows,
            series,
            warnings: self.warnings,
        }
    }
}

/// Held-out ratings in the indices of the training data.
fn align(data: &Interactions, test: &Interactions) -> (Interactions, usize) {
    let mut out = data.rows(&[]);
    for r in 0..test.len() {
        let user = data.users.get(test.users.id(test.user[r]));
        let item = data.items.get(test.items.id(test.item[r]));
        if let (Some(user), Some(item)) = (user, item) {
            out.user.push(user);
            out.item.push(item);
            out.rating.push(test.rating[r]);
            out.at.push(test.at[r]);
        }
    }
    let dropped = test.len() - out.len();
    (out, dropped)
}
