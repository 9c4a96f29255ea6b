//! Early stopping: training ends once the validation error has not fallen for `patience` epochs (Prechelt, "Early
//! Stopping — But When?", 1998, criterion UP with strips of one epoch).

/// Watches a validation error.
#[derive(Clone, Debug)]
pub struct EarlyStop {
    patience: usize,
    best: f64,
    since: usize,
}

/// What to do after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The best epoch so far.
    pub best: bool,
    /// No use going on.
    pub stop: bool,
}

impl EarlyStop {
    /// Stops after `patience` epochs without improvement; 0 never stops.
    pub fn new(patience: usize) -> EarlyStop {
        EarlyStop { patience, best: f64::INFINITY, since: 0 }
    }

    /// Epochs without improvement that are borne.
    pub fn patience(&self) -> usize {
        self.patience
    }

    /// The lowest error so far, and epochs since: what [`EarlyStop::resume`] goes on with.
    pub fn state(&self) -> (f64, usize) {
        (self.best, self.since)
    }

    /// One that goes on from there.
    pub fn resume(patience: usize, (best, since): (f64, usize)) -> EarlyStop {
        EarlyStop { patience, best, since }
    }

    /// Takes in the error of an epoch. An improvement below 1e-5 is none: it would cost an epoch for nothing anybody
    /// can see.
    pub fn see(&mut self, validation: Option<f64>) -> Verdict {
        let Some(v) = validation else { return Verdict { best: true, stop: false } };
        if v < self.best - 1e-5 {
            self.best = v;
            self.since = 0;
            return Verdict { best: true, stop: false };
        }
        self.since += 1;
        Verdict { best: false, stop: self.patience > 0 && self.since >= self.patience }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_after_its_patience_and_not_before() {
        let mut s = EarlyStop::new(2);
        let seen: Vec<bool> = [1.0, 0.9, 0.95, 0.9, 0.8].into_iter().map(|v| s.see(Some(v)).stop).collect();
        assert_eq!(seen, [false, false, false, true, false]);
        let mut never = EarlyStop::new(0);
        assert!((0..50).all(|_| !never.see(Some(1.0)).stop));
    }
}
