//! Tables of one's own numbers: the forest and the regression by themselves, learned from rows and targets that a page
//! gives. Nothing of the engine's data is in them, and the engine knows nothing of them.

use super::request::seed;
use crate::features::Matrix;
use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, number as shown, object};
use crate::ground::{Code, Error, Result};
use crate::models::forest::{Contributions, Forest, ForestParams, Growing, Target};
use crate::models::logistic::{Learning, Logistic, LogisticParams, Summary};
use crate::models::params::Settings;
use std::rc::Rc;

/// The models there are.
const NAMES: [&str; 2] = ["random-forest", "logistic-regression"];

/// Most bytes that learning may need: memory of wasm ends at 4 GiB, and there is more in it.
const MOST_BYTES: usize = 1 << 30;

/// What is to be learned.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// `"random-forest"` or `"logistic-regression"`.
    pub model: String,
    /// Parameters of that model.
    pub params: Option<Value>,
    /// Seed.
    pub seed: f64,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Of a forest: `"regression"` (default) or `"classification"`.
    pub task: Option<String>,
}

impl FromFields for Ask {
    fn read(f: &mut Fields) -> Result<Ask> {
        Ok(Ask {
            model: f.needed_text("model")?,
            params: f.value("params"),
            seed: f.needed_number("seed")?,
            columns: f.texts("columns")?,
            task: f.text("task")?,
        })
    }
}

/// Where it stands.
enum State {
    /// Why there is nothing to learn: a code, and a sentence.
    Refused(&'static str, String),
    Growing(Box<Growing>),
    Learning(Box<Learning>),
    Grown(Box<Forest>),
    Learned(Box<Logistic>, Summary),
}

/// A model of one's own numbers, under way or learned.
#[allow(missing_debug_implementations)] // holds whole tables
pub struct Table {
    settings: Settings,
    seed: u64,
    names: Vec<String>,
    rows: usize,
    state: State,
}

/// Refuses what is no number, by its row and column; `from` is the number of the first row.
fn finite(values: &[f32], names: &[String], from: usize) -> Result<()> {
    let Some(at) = values.iter().position(|v| !v.is_finite()) else { return Ok(()) };
    let (row, column) = (from + at / names.len(), at % names.len());
    let kind = if values[at].is_nan() { "NaN" } else { "infinity" };
    let got = format!("{kind} in row {row} of column {:?}, rows counted from 0", names[column]);
    Err(Error::argument(format!("rows[{row}][{column}]"), "a finite number", got))
}

/// The number of rows of `width`.
fn counted(values: &[f32], width: usize) -> Result<usize> {
    if !values.len().is_multiple_of(width) {
        let expected = format!("rows of {width} numbers");
        return Err(Error::argument("rows", expected, format!("{} numbers", values.len())));
    }
    Ok(values.len() / width)
}

/// Targets that are 0 or 1, as yes and no.
fn labels(target: &[f32]) -> Result<Vec<bool>> {
    let one = |(at, &y): (usize, &f32)| match y {
        0.0 => Ok(false),
        1.0 => Ok(true),
        _ => Err(Error::argument(format!("target[{at}]"), "0 or 1", shown(f64::from(y)))),
    };
    target.iter().enumerate().map(one).collect()
}

/// Bytes a forest and its growing need: values twice and as codes, and two nodes of 16 bytes for each leaf.
fn forest_bytes(params: &ForestParams, rows: usize, columns: usize) -> usize {
    let by_depth = if params.max_depth == 0 { usize::MAX } else { 1usize << params.max_depth.min(40) };
    let leaves = (rows / params.min_leaf).clamp(1, by_depth);
    (rows * columns * 9 + rows * 80).saturating_add(leaves.saturating_mul(32 * params.trees))
}

/// Refuses what would not fit into memory before it is allocated.
fn fits(bytes: usize) -> Result<()> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::new(Code::OutOfMemory, "this model would not fit into memory")
        .at("rows")
        .expected(format!("at most {} MB", MOST_BYTES >> 20))
        .got(format!("{} MB", bytes >> 20))
        .hint("Ask for fewer trees or larger leaves, or give fewer rows."))
}

/// What there is too little to learn from, where it is; `yes` are the targets of what tells two classes apart.
fn refused(settings: &Settings, rows: usize, yes: Option<&[bool]>) -> Option<State> {
    let needed = settings.get("minSamples") as usize;
    if rows < needed {
        let message = format!("There are {rows} rows, and it takes {needed} (minSamples) to learn from.");
        return Some(State::Refused("not-enough-rows", message));
    }
    let first = *yes?.first()?;
    yes?.iter().all(|y| *y == first).then(|| {
        let message = format!("All {rows} targets are {}: there is nothing to tell apart.", u8::from(first));
        State::Refused("one-class", message)
    })
}

impl Table {
    /// Checks what is asked and begins. `rows` are laid end to end, a number for each column; `target` has one number
    /// for each row: 0 or 1 for a regression and for a forest that classifies. Too little to learn from is an answer of
    /// [`Table::report`].
    pub fn begin(ask: Ask, rows: Vec<f32>, target: &[f32]) -> Result<Table> {
        let forest = match NAMES.iter().position(|n| *n == ask.model) {
            Some(at) => at == 0,
            None => {
                let expected = NAMES.map(|n| format!("{n:?}")).join(" or ");
                return Err(Error::argument("model", expected, format!("{:?}", ask.model)));
            }
        };
        let labelled = match (ask.task.as_deref(), forest) {
            (None, _) => !forest,
            (Some("regression"), true) => false,
            (Some("classification"), true) => true,
            (Some(task), _) => {
                let expected =
                    if forest { "\"regression\" or \"classification\"" } else { "nothing, of this model" };
                return Err(Error::argument("task", expected, format!("{task:?}")));
            }
        };
        let table = if forest { ForestParams::TABLE } else { LogisticParams::TABLE };
        let mut settings = Settings::read(table, "params", ask.params.unwrap_or_default())?;
        // What is left to whoever asks; a report says what was done.
        for left in ["minLeaf", "maxFeatures"] {
            if settings.find(left) == Some(0.0) {
                settings.set(left, 1.0);
            }
        }
        let (seed, names) = (seed(ask.seed)?, ask.columns);
        let most = usize::from(u16::MAX) - 1;
        if !(1..=most).contains(&names.len()) {
            return Err(Error::argument("columns", format!("1 to {most} of them"), names.len()));
        }
        let n = counted(&rows, names.len())?;
        if target.len() != n {
            return Err(Error::argument("target", format!("{n} numbers, one for each row"), target.len()));
        }
        if let Some(at) = target.iter().position(|y| !y.is_finite()) {
            let got = shown(f64::from(target[at]));
            return Err(Error::argument(format!("target[{at}]"), "a finite number", got));
        }
        finite(&rows, &names, 0)?;
        let yes = if labelled { Some(labels(target)?) } else { None };
        let state = match refused(&settings, n, yes.as_deref()) {
            Some(state) => state,
            None if forest => {
                let params = ForestParams::of(&settings);
                fits(forest_bytes(&params, n, names.len()))?;
                let matrix = Matrix::new("rows", names.len(), rows)?;
                let target = yes.as_deref().map_or(Target::Values(target), Target::Labels);
                State::Growing(Box::new(Growing::new(&matrix, &target, None, params, seed)?))
            }
            None => {
                fits(rows.len().saturating_mul(4).saturating_add(Learning::memory(n, names.len())))?;
                let matrix = Rc::new(Matrix::new("rows", names.len(), rows)?);
                let params = LogisticParams::of(&settings);
                let yes = yes.as_deref().unwrap_or(&[]);
                let Ok(learning) = Learning::new(matrix, yes, None, params, seed) else {
                    unreachable!("there are rows enough, and of both classes")
                };
                State::Learning(Box::new(learning))
            }
        };
        Ok(Table { settings, seed, names, rows: n, state })
    }

    /// Works on; gives the share that is done, 1 at the end. 60,000 of budget take 24 ms or less.
    pub fn step(&mut self, budget: usize) -> f64 {
        let (done, share) = match &mut self.state {
            State::Growing(growing) => (growing.advance(budget), growing.progress()),
            State::Learning(learning) => {
                learning.advance(budget);
                (learning.done(), learning.progress())
            }
            _ => return 1.0,
        };
        if !done {
            // Rounding must not say that it is done.
            return share.min(0.999);
        }
        let nothing = State::Refused("", String::new());
        self.state = match core::mem::replace(&mut self.state, nothing) {
            State::Growing(growing) => State::Grown(Box::new(growing.finish())),
            State::Learning(learning) => {
                let (model, summary) = learning.finish();
                State::Learned(Box::new(model), summary)
            }
            other => other,
        };
        1.0
    }

    fn unlearned() -> Error {
        Error::new(Code::NoModel, "this model has not learned yet")
    }

    /// What was learned, or why nothing was: `trained` tells.
    pub fn report(&self) -> Result<Value> {
        let common = |own: Value| {
            let mut all = object([
                ("trained", true.into()),
                ("params", self.settings.value()),
                ("seed", self.seed.into()),
                ("rows", self.rows.into()),
            ]);
            if let (Value::Object(all), Value::Object(own)) = (&mut all, own) {
                all.extend(own);
            }
            all
        };
        match &self.state {
            State::Refused(reason, message) => Ok(object([
                ("trained", false.into()),
                ("reason", (*reason).into()),
                ("message", message.as_str().into()),
            ])),
            State::Grown(forest) => {
                let score = forest.score().map(|s| {
                    object([
                        ("rows", s.rows.into()),
                        ("rmse", s.rmse.into()),
                        ("r2", s.r2.into()),
                        ("accuracy", s.accuracy.into()),
                    ])
                });
                Ok(common(object([
                    ("task", if forest.labels() { "classification" } else { "regression" }.into()),
                    ("importance", self.named("importance", forest.importance())),
                    ("outOfBag", score.into()),
                    ("nodes", forest.nodes().into()),
                ])))
            }
            State::Learned(model, summary) => Ok(common(self.told(model, summary))),
            _ => Err(Table::unlearned()),
        }
    }

    /// `[{ column, <key> }]`.
    fn named(&self, key: &str, values: &[f64]) -> Value {
        let one =
            |(name, &value): (&String, &f64)| object([("column", name.as_str().into()), (key, value.into())]);
        Value::Array(self.names.iter().zip(values).map(one).collect())
    }

    fn told(&self, model: &Logistic, summary: &Summary) -> Value {
        let sizes: Vec<f64> =
            model.coefficients().iter().zip(model.scales()).map(|(w, s)| w.abs() * s).collect();
        let sum: f64 = sizes.iter().sum();
        let shares: Vec<f64> = sizes.iter().map(|s| if sum > 0.0 { s / sum } else { 0.0 }).collect();
        let errors = model.standard_errors();
        let coefficient = |j: usize| {
            object([
                ("column", self.names[j].as_str().into()),
                ("coefficient", model.coefficients()[j].into()),
                ("standardError", errors[j].into()),
            ])
        };
        let calibration = summary.calibration.map(|c| {
            object([
                ("kind", if c.isotonic { "isotonic" } else { "sigmoid" }.into()),
                ("kept", c.kept.into()),
                ("rows", c.rows.into()),
                ("errorBefore", c.error[0].into()),
                ("errorAfter", c.error[1].into()),
                ("lossBefore", c.loss[0].into()),
                ("lossAfter", c.loss[1].into()),
            ])
        });
        object([
            ("positives", summary.positives.into()),
            ("importance", self.named("importance", &shares)),
            ("coefficients", Value::Array((0..self.names.len()).map(coefficient).collect())),
            ("intercept", model.intercept().into()),
            ("interceptError", model.intercept_error().into()),
            ("iterations", summary.iterations.into()),
            ("converged", summary.converged.into()),
            ("loss", summary.loss.into()),
            ("calibration", calibration.into()),
        ])
    }

    /// What is expected of each row: a number, or the chance of 1. `from` is the number of the first row, for errors.
    pub fn predict(&self, rows: Vec<f32>, from: usize) -> Result<Vec<f64>> {
        counted(&rows, self.names.len())?;
        finite(&rows, &self.names, from)?;
        let matrix = Matrix::new("rows", self.names.len(), rows)?;
        match &self.state {
            State::Grown(forest) => Ok(forest.predict_all(&matrix)),
            State::Learned(model, _) => {
                Ok((0..matrix.rows()).map(|r| model.probability(matrix.row(r))).collect())
            }
            _ => Err(Table::unlearned()),
        }
    }

    /// Parts a prediction is taken apart in, one after the other: trees of a forest; a regression needs none.
    pub fn parts(&self) -> usize {
        match &self.state {
            State::Grown(forest) => forest.trees(),
            _ => 0,
        }
    }

    /// Adds what one part says of a row: to the first of `sums` its base, to the others the columns' contributions.
    pub fn explain_part(&self, row: &[f32], part: usize, sums: &mut [f64]) -> Result<()> {
        self.check(row)?;
        if let (State::Grown(forest), [base, parts @ ..]) = (&self.state, sums) {
            forest.contribute(row, part, base, parts);
        }
        Ok(())
    }

    /// How the prediction of a row comes about, from the sums over all parts. Of a regression base and contributions
    /// are log odds before calibration.
    pub fn explained(&self, row: &[f32], sums: &[f64]) -> Result<Value> {
        self.check(row)?;
        let (base, parts, prediction) = match &self.state {
            State::Grown(forest) => {
                let Contributions { base, parts } = forest.contributed(sums[0], &sums[1..]);
                (base, parts, forest.predict(row))
            }
            State::Learned(model, _) => (model.base(), model.contributions(row), model.probability(row)),
            _ => return Err(Table::unlearned()),
        };
        Ok(object([
            ("base", base.into()),
            ("contributions", parts.into()),
            ("prediction", prediction.into()),
        ]))
    }

    fn check(&self, row: &[f32]) -> Result<()> {
        if row.len() != self.names.len() {
            return Err(Error::argument("row", format!("{} numbers", self.names.len()), row.len()));
        }
        match row.iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(at) => {
                let got = format!("{} of column {:?}", shown(f64::from(row[at])), self.names[at]);
                Err(Error::argument(format!("row[{at}]"), "a finite number", got))
            }
        }
    }
}
