//! What an evaluation says: figures with their intervals, whom they fail, and which differences are real. Ready to plot.

use super::evaluation::Candidate;
use crate::data::Warning;
use crate::eval::calibration::Reliability;
use crate::eval::{Difference, Drawn, Figure, Interval, Metrics, segments};
use crate::ground::json::{Value, object, written_as};
use crate::models::Spec;

/// Figures by key, their names for people, in the order they are shown.
const SERIES: &[(&str, &str)] = &[
    ("rmse", "RMSE"),
    ("mae", "MAE"),
    ("ndcg", "nDCG"),
    ("precision", "Precision"),
    ("recall", "Recall"),
    ("coverage", "Coverage"),
    ("map", "MAP"),
    ("mrr", "MRR"),
    ("hitRate", "Hit rate"),
    ("auc", "AUC"),
    ("ratedPrecision", "Precision, rated items"),
    ("ratedRecall", "Recall, rated items"),
    ("novelty", "Novelty, bits"),
    ("diversity", "Diversity"),
    ("tailShare", "Long tail"),
    ("gini", "Concentration"),
    ("logLoss", "Log loss"),
    ("ece", "Calibration error"),
    ("coverage90", "Inside 90 % intervals"),
];

/// Figures by which models are compared, and whether more is better.
const COMPARED: &[(Figure, bool)] = &[
    (Figure::Rmse, false),
    (Figure::Mae, false),
    (Figure::Ndcg, true),
    (Figure::Precision, true),
    (Figure::Recall, true),
    (Figure::Map, true),
    (Figure::Mrr, true),
    (Figure::HitRate, true),
    (Figure::Auc, true),
    (Figure::RatedPrecision, true),
    (Figure::RatedRecall, true),
    (Figure::LogLoss, false),
];

/// One model's figures.
#[derive(Clone, Debug)]
pub struct Row {
    /// Name for people.
    pub name: String,
    /// Version the parameters were taken from.
    pub version: Option<String>,
    /// What was trained.
    spec: Spec,
    /// Share of the training ratings it learned from.
    pub share: f64,
    /// How many these are, the mean of the folds.
    pub learned_from: usize,
    /// The figures.
    pub metrics: Metrics,
    /// Number, mean probability said and share that happened, by tenth.
    reliability: Vec<(u32, f64, f64)>,
    /// By figure.
    intervals: Vec<Option<Interval>>,
    drawn: Drawn,
}

impl Row {
    /// From what was measured in each fold, and drawn of all people.
    pub(super) fn new(
        of: Candidate,
        learned_from: usize,
        metrics: Metrics,
        folds: Vec<Reliability>,
        drawn: Drawn,
    ) -> Row {
        let mut tenths = [(0u32, 0.0, 0.0); 10];
        for (n, said, happened) in folds.iter().flat_map(Reliability::points) {
            let (all, mean, share) = &mut tenths[((said * 10.0) as usize).min(9)];
            let (before, weight) = (f64::from(*all), f64::from(n));
            *mean = (*mean * before + said * weight) / (before + weight);
            *share = (*share * before + happened * weight) / (before + weight);
            *all += n;
        }
        Row {
            name: of.name,
            version: of.version,
            spec: of.spec,
            share: of.share,
            learned_from,
            metrics,
            reliability: tenths.into_iter().filter(|t| t.0 > 0).collect(),
            intervals: Figure::ALL.iter().map(|&f| drawn.interval(f)).collect(),
            drawn,
        }
    }

    /// How it differs from another row, figure by figure.
    pub fn against(&self, other: &Row, figure: Figure) -> Option<Difference> {
        self.drawn.against(&other.drawn, figure)
    }

    /// All differences that are known, by key; `other` says from whom in each figure.
    fn differences(&self, other: &dyn Fn(Figure) -> Option<usize>, rows: &[Row], named: bool) -> Value {
        let one = |&(figure, _): &(Figure, bool)| {
            let at = other(figure)?;
            let mut shown: Value = self.against(&rows[at], figure)?.into();
            if let (Value::Object(map), true) = (&mut shown, named) {
                map.push(("row".to_owned(), at.into()));
            }
            Some((figure.key().to_owned(), shown))
        };
        Value::Object(COMPARED.iter().filter_map(one).collect())
    }
}

/// What was done and what came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was done, in words.
    pub protocol: String,
    /// Length of lists.
    pub k: usize,
    /// Seed of splits and models.
    pub seed: u64,
    /// A row per model.
    pub rows: Vec<Row>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

/// A point of the reliability diagram.
struct Point {
    events: u32,
    said: f64,
    happened: f64,
}

written_as!(Point { events => "events", said => "said", happened => "happened" });

impl Report {
    /// The row that is best in a figure; of equals the first.
    pub fn best(&self, figure: Figure, more: bool) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (at, row) in self.rows.iter().enumerate() {
            let Some(value) = row.drawn.people().figure(figure) else { continue };
            if best.is_none_or(|(_, b)| if more { value > b } else { value < b }) {
                best = Some((at, value));
            }
        }
        best.map(|b| b.0)
    }

    /// The row of the same model and parameters that learned from the next smaller share.
    fn next_less(&self, at: usize) -> Option<usize> {
        let row = &self.rows[at];
        let less = |&other: &usize| self.rows[other].spec == row.spec && self.rows[other].share < row.share;
        let nearer = |a: &usize, b: &usize| self.rows[*a].share.total_cmp(&self.rows[*b].share);
        (0..self.rows.len()).filter(less).max_by(nearer)
    }

    fn row(&self, at: usize) -> Value {
        let row = &self.rows[at];
        let better = |figure: Figure| COMPARED.iter().find(|c| c.0 == figure).is_some_and(|c| c.1);
        // Nobody is compared with themselves.
        let best = |figure| self.best(figure, better(figure)).filter(|&b| b != at);
        let popular = |r: &Row| r.spec.name() == "popularity" && r.share >= 1.0;
        let popularity = |_| self.rows.iter().position(popular).filter(|&p| p != at);
        let less = |_| self.next_less(at);
        let interval = |&f: &Figure| Some((f.key().to_owned(), row.intervals[f as usize]?.into()));
        let shown = |f: &Figure| SERIES.iter().any(|s| s.0 == f.key());
        let intervals = Figure::ALL.iter().filter(|f| shown(f)).filter_map(interval).collect();
        let points = row.reliability.iter().map(|&(events, said, happened)| Point { events, said, happened });
        object([
            ("name", row.name.clone().into()),
            ("version", row.version.clone().into()),
            ("model", row.spec.name().into()),
            ("share", row.share.into()),
            ("learnedFrom", row.learned_from.into()),
            ("metrics", row.metrics.into()),
            ("intervals", Value::Object(intervals)),
            ("segments", segments(row.drawn.people()).into()),
            ("reliability", points.collect::<Vec<_>>().into()),
            ("againstPopularity", row.differences(&popularity, &self.rows, false)),
            ("againstBest", row.differences(&best, &self.rows, true)),
            ("againstLess", row.differences(&less, &self.rows, true)),
        ])
    }

    /// A series per figure, a value per row; NaN where a row has none.
    fn series(&self) -> Value {
        let one = |&(key, label): &(&'static str, &'static str)| {
            let figure = Figure::ALL.iter().find(|f| f.key() == key);
            let ends = |high: bool| {
                let end = |row: &Row| {
                    let interval = figure.and_then(|&f| row.intervals[f as usize]);
                    interval.map_or(f64::NAN, |i| if high { i.high } else { i.low })
                };
                figure.map(|_| self.rows.iter().map(end).collect::<Vec<f64>>())
            };
            object([
                ("name", key.into()),
                ("label", label.into()),
                ("values", self.values(key).into()),
                ("low", ends(false).into()),
                ("high", ends(true).into()),
            ])
        };
        Value::Array(SERIES.iter().map(one).collect())
    }

    /// A figure of every row.
    pub fn values(&self, key: &str) -> Vec<f64> {
        let value = |row: &Row| Value::from(row.metrics).get(key).and_then(Value::as_f64);
        self.rows.iter().map(|row| value(row).unwrap_or(f64::NAN)).collect()
    }

    /// How listed versions differ from each other, pair by pair.
    fn pairs(&self) -> Value {
        let mut pairs = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            for (other, second) in self.rows.iter().enumerate().skip(at + 1) {
                if let (Some(a), Some(b)) = (&row.version, &second.version) {
                    let figures = row.differences(&|_| Some(other), &self.rows, false);
                    pairs.push(object([
                        ("a", a.clone().into()),
                        ("b", b.clone().into()),
                        ("figures", figures),
                    ]));
                }
            }
        }
        Value::Array(pairs)
    }
}

impl From<Report> for Value {
    fn from(of: Report) -> Value {
        let labels: Vec<String> = of.rows.iter().map(|r| r.name.clone()).collect();
        let rows = (0..of.rows.len()).map(|at| of.row(at)).collect();
        object([
            ("protocol", of.protocol.clone().into()),
            ("k", of.k.into()),
            ("seed", (of.seed as f64).into()),
            ("rows", Value::Array(rows)),
            ("series", of.series()),
            ("labels", labels.into()),
            ("pairs", of.pairs()),
            ("warnings", of.warnings.into()),
        ])
    }
}
