//! A training put down between two epochs and taken up again: by another engine, on the same data, to the same model.
//!
//! A container of the kind "checkpoint". Its body says what is trained and on what; numbers whose every bit counts
//! (parameters and errors among them) stand in tensors, because JSON keeps fifteen digits. The fit's own state is what
//! [`crate::models::Fit::state`] puts on the tape; what was taken up from an earlier version is in it, so that the version
//! itself is only named.

use super::fingerprint::Fingerprint;
use super::held::Exam;
use super::stop::EarlyStop;
use super::training::{Phase, Training, parts};
use super::{EpochLog, K};
use crate::codec::{Reader, Tape, Writer};
use crate::data::Catalog;
use crate::data::split::Split;
use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, written_as};
use crate::ground::{Code, Error, Result};
use crate::models::params::Range;
use crate::models::{Lesson, Spec};
use std::rc::Rc;

const KIND: &str = "checkpoint";

/// The words of it.
struct Body {
    model: String,
    params: Value,
    split: Option<String>,
    fingerprint: Option<String>,
    from: Option<String>,
    engine: String,
}

written_as!(Body { model => "model", params => "params", split => "split", fingerprint => "fingerprint", from => "from", engine => "engine" });

impl FromFields for Body {
    fn read(f: &mut Fields) -> Result<Body> {
        Ok(Body {
            model: f.needed_text("model")?,
            params: f.value("params").unwrap_or_default(),
            split: f.text("split")?,
            fingerprint: f.text("fingerprint")?,
            from: f.text("from")?,
            engine: f.needed_text("engine")?,
        })
    }
}

/// The name of a split and its number.
fn words(split: Split) -> (&'static str, f64) {
    match split {
        Split::None => ("none", 0.0),
        Split::Random { fraction } => ("random", fraction),
        Split::Time { fraction } => ("time", fraction),
        Split::LeaveLast { n } => ("leave-last", n as f64),
    }
}

fn split_of(name: &str, number: f64) -> Result<Split> {
    let split = match name {
        "none" => Split::None,
        "random" => Split::Random { fraction: number },
        "time" => Split::Time { fraction: number },
        "leave-last" => Split::LeaveLast { n: number as usize },
        _ => return Err(refuse("split")),
    };
    split.check("split")
}

fn refuse(place: &str) -> Error {
    Error::new(Code::ModelFormat, "this checkpoint is not what it should be").at(place)
}

/// What is read before there is a fit.
struct Head<'a> {
    spec: Spec,
    seed: u64,
    patience: usize,
    split: Option<Split>,
    fingerprint: String,
    from: Option<String>,
    reader: Reader<'a>,
}

impl Head<'_> {
    fn open(bytes: &[u8]) -> Result<Head<'_>> {
        let mut reader = Reader::open(bytes, KIND)?;
        let body = Body::decode("body", reader.body().clone()).map_err(|e| refuse(e.place()))?;
        if body.engine != env!("CARGO_PKG_VERSION") {
            return Err(Error::new(Code::ModelVersion, "this training was begun by another tasteprint")
                .expected(env!("CARGO_PKG_VERSION"))
                .got(body.engine)
                .hint("Begin it anew: another version may learn in another way."));
        }
        let mut spec = Spec::new(&body.model, Some(body.params)).map_err(|e| refuse(e.place()))?;
        let table = spec.settings().table();
        for (param, value) in table.iter().zip(reader.f64("training_params", table.len())?) {
            let allowed = match param.range {
                Range::Choice(words) => value.fract() == 0.0 && (0.0..words.len() as f64).contains(&value),
                Range::Flag => value == 0.0 || value == 1.0,
                _ => param.allows(value),
            };
            if !allowed {
                return Err(refuse(param.name));
            }
            spec.settings_mut().set(param.name, value);
        }
        let numbers = reader.f64("training_numbers", 3)?;
        let split = body.split.map(|name| split_of(&name, numbers[2])).transpose()?;
        let fingerprint = body.fingerprint.unwrap_or_default();
        let (seed, patience) = (numbers[0] as u64, numbers[1] as usize);
        Ok(Head { spec, seed, patience, split, fingerprint, from: body.from, reader })
    }
}

/// The log so far, and how early stopping stands.
fn log(tape: &mut Tape<'_>, history: &mut Vec<EpochLog>, stop: &mut EarlyStop) -> Result<()> {
    let mut loss: Vec<f64> = history.iter().map(|e| e.loss).collect();
    let mut validation: Vec<f64> = history.iter().filter_map(|e| e.validation).collect();
    let mut measured: Vec<f64> =
        history.iter().filter(|e| e.validation.is_some()).map(|e| e.epoch as f64).collect();
    tape.f64("training_loss", &mut loss)?;
    tape.f64("training_validation", &mut validation)?;
    tape.f64("training_measured", &mut measured)?;
    let (best, mut since) = stop.state();
    // Before the first error there is no best one, and a container holds no infinity.
    let mut lowest: Vec<f64> = Some(best).filter(|b| b.is_finite()).into_iter().collect();
    tape.f64("training_best", &mut lowest)?;
    tape.count("training_since", &mut since)?;
    *stop = EarlyStop::resume(stop.patience(), (lowest.first().copied().unwrap_or(f64::INFINITY), since));
    *history = Vec::with_capacity(loss.len());
    for (at, loss) in loss.into_iter().enumerate() {
        let epoch = at + 1;
        let known = measured.iter().position(|&e| e == epoch as f64);
        history.push(EpochLog { epoch, loss, validation: known.and_then(|at| validation.get(at).copied()) });
    }
    Ok(())
}

impl Training {
    /// Everything needed to go on from here in another engine; `None` unless an epoch has just ended and another
    /// follows. What is given must be the engine's own: it is not checked against the people it learned from, only
    /// against their data.
    pub fn checkpoint(&mut self) -> Result<Option<Vec<u8>>> {
        if !self.between {
            return Ok(None);
        }
        if self.split.is_some() && self.fingerprint.is_empty() {
            self.fingerprint = fingerprint(&self.exam, &self.catalog);
        }
        self.freeze().map(Some)
    }

    /// The bytes, between two epochs.
    pub(super) fn freeze(&mut self) -> Result<Vec<u8>> {
        let Phase::Training(fit) = &mut self.phase else { return Err(refuse("phase")) };
        let split = self.split.map(words);
        let body = Body {
            model: self.spec.name().to_owned(),
            params: self.spec.params(),
            split: split.map(|(name, _)| name.to_owned()),
            fingerprint: Some(self.fingerprint.clone()).filter(|f| !f.is_empty()),
            from: self.from.clone(),
            engine: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let mut w = Writer::new(KIND, &body.into());
        let settings = self.spec.settings();
        let params: Vec<f64> = settings.table().iter().map(|p| settings.get(p.name)).collect();
        w.f64("training_params", &params);
        let number = split.map_or(0.0, |(_, number)| number);
        w.f64("training_numbers", &[self.seed as f64, self.patience as f64, number]);
        let mut tape = Tape::Write(w);
        log(&mut tape, &mut self.history, &mut self.stop)?;
        fit.state(&mut tape)?;
        match tape {
            Tape::Write(w) => w.finish(),
            Tape::Read(_) => Err(refuse("tape")),
        }
    }

    /// Goes on where a checkpoint was taken; the data must be what it was.
    pub fn resume(lesson: &Lesson<'_>, bytes: &[u8]) -> Result<Training> {
        let head = Head::open(bytes)?;
        let split = head.split.ok_or_else(|| refuse("split"))?;
        let (train, test) = parts(lesson.data, split, head.seed)?;
        let exam = Rc::new(Exam::new(train, test, lesson.catalog, K));
        let catalog = Fingerprint::default().catalog(lesson.catalog);
        if fingerprint(&exam, &catalog) != head.fingerprint {
            return Err(Error::argument("data", "the data this training began with", "other data")
                .hint("Ratings or catalog have changed since: train anew."));
        }
        let mut training = Training::thaw(exam, lesson.catalog, head)?;
        training.baseline = true;
        Ok(training)
    }

    /// Goes on with an exam that is known to be the same.
    pub(super) fn resume_sitting(
        exam: Rc<Exam>,
        catalog: Option<&Catalog>,
        bytes: &[u8],
    ) -> Result<Training> {
        Training::thaw(exam, catalog, Head::open(bytes)?)
    }

    fn thaw(exam: Rc<Exam>, catalog: Option<&Catalog>, head: Head<'_>) -> Result<Training> {
        let Head { spec, seed, patience, split, fingerprint, from, reader } = head;
        let epochs = spec.epochs();
        let mut training = Training::sitting(exam, catalog, spec, patience, seed)?;
        (training.split, training.fingerprint, training.from) = (split, fingerprint, from);
        let mut tape = Tape::Read(reader);
        log(&mut tape, &mut training.history, &mut training.stop)?;
        let done = training.history.len();
        if done == 0 || done >= epochs {
            return Err(refuse("training_loss"));
        }
        if let Phase::Training(fit) = &mut training.phase {
            fit.state(&mut tape)?;
        }
        match tape {
            Tape::Read(reader) => reader.finish()?,
            Tape::Write(_) => return Err(refuse("tape")),
        }
        Ok(training)
    }
}

fn fingerprint(exam: &Exam, catalog: &Fingerprint) -> String {
    catalog.clone().ratings(&exam.train).ratings(&exam.test).hex()
}
