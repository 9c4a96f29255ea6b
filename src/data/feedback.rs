//! The feedback of the people of this browser: an append-only log, and what follows from it.

use super::Scale;
use super::context::{Moment, moment};
use super::interactions::NO_TIME;
use crate::ground::fields::{Fields, FromFields};
use crate::ground::ids::check_id;
use crate::ground::json::number as shown;
use crate::ground::json::written_as;
use crate::ground::map::SortedMap;
use crate::ground::time::{self, Millis};
use crate::ground::{Error, Result};

/// Kinds of feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rating, or the withdrawal of one.
    Rate,
    /// Something was watched, wholly or in part.
    Watch,
    /// A thumb up.
    Like,
    /// Never show this again.
    Hide,
    /// Was shown.
    Impression,
}

/// One row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Position in the log; the order of truth. 0 before it is stored.
    pub seq: f64,
    /// Whose.
    pub profile: String,
    /// On what.
    pub item: String,
    /// What was done.
    pub kind: Kind,
    /// On the scale; `None` with [`Kind::Rate`] withdraws.
    pub rating: Option<f64>,
    /// Share watched, 0 to 1.
    pub completion: Option<f64>,
    /// Asked after watching.
    pub would_watch_again: Option<bool>,
    /// Mood, group, session and what the site declares.
    pub context: Option<crate::ground::json::Value>,
    /// What was expected when it was shown, on the scale.
    pub score: Option<f64>,
    /// When.
    pub at: Millis,
}

impl Kind {
    const NAMES: [(&'static str, Kind); 5] = [
        ("rate", Kind::Rate),
        ("watch", Kind::Watch),
        ("like", Kind::Like),
        ("hide", Kind::Hide),
        ("impression", Kind::Impression),
    ];
}

impl FromFields for Event {
    fn read(f: &mut Fields) -> Result<Event> {
        let name = f.needed_text("type")?;
        let kind = Kind::NAMES.iter().find(|(n, _)| *n == name).map(|(_, kind)| *kind).ok_or_else(|| {
            Error::argument(f.place("type"), "rate, watch, like, hide or impression", &name)
        })?;
        Ok(Event {
            seq: f.number("seq")?.unwrap_or(0.0),
            profile: f.needed_text("profile")?,
            item: f.needed_text("item")?,
            kind,
            rating: f.number("rating")?,
            completion: f.number("completion")?,
            would_watch_again: f.flag("wouldWatchAgain")?,
            context: f.value("context"),
            score: f.number("score")?,
            at: f.needed_number("at")?,
        })
    }
}

/// Something accepted but worth saying: a code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable code.
    pub code: String,
    /// For people.
    pub message: String,
}

written_as!(Warning { code => "code", message => "message" });

impl Warning {
    /// A warning.
    pub fn new(code: &str, message: impl Into<String>) -> Warning {
        Warning { code: code.into(), message: message.into() }
    }
}

impl Event {
    /// Checks a row before it is stored. `now` is the caller's clock.
    pub fn check(&self, scale: Scale, now: Millis) -> Result<Vec<Warning>> {
        check_id("item", &self.item)?;
        check_id("profile", &self.profile)?;
        if let Some(r) = self.rating {
            scale.check_rating("rating", r)?;
        }
        if let Some(c) = self.completion.filter(|c| !(0.0..=1.0).contains(c)) {
            return Err(Error::argument("completion", "0 to 1, the share watched", shown(c)));
        }
        if let Some(score) = self.score.filter(|score| !score.is_finite()) {
            return Err(Error::argument("score", "a finite number", shown(score)));
        }
        moment("context", self.context.as_ref())?;
        if !self.at.is_finite() || self.at < 0.0 {
            return Err(Error::argument("at", "milliseconds since 1970", shown(self.at)));
        }
        if self.at > now + time::DAY {
            return Err(Error::argument("at", "a time at most a day ahead", shown(self.at))
                .hint("Times are milliseconds since 1970; leave `at` out for now."));
        }
        let mut warnings = Vec::new();
        if time::looks_like_seconds(self.at) {
            warnings.push(Warning::new(
                "timestamp-looks-like-seconds",
                "This time lies before 1990; times are milliseconds since 1970, not seconds.",
            ));
        }
        Ok(warnings)
    }
}

/// What is known beside a rating.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Mood, group, session and what the site declares.
    pub moment: Moment,
    /// Share watched, 0 to 1.
    pub completion: Option<f64>,
    /// Asked after watching.
    pub would_watch_again: Option<bool>,
    /// What was expected when it was recommended, where that is what led to it.
    pub score: Option<f64>,
    /// When it was rated, or first spoken of where it was not.
    pub at: Millis,
}

/// A recommendation that was shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    moment: Moment,
    score: Option<f64>,
    at: Millis,
}

/// Feedback that comes later than this is not put down to what was shown.
const LED_TO: Millis = 7.0 * time::DAY;

/// What one profile's log amounts to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Latest rating by item.
    pub ratings: SortedMap<String, f64>,
    /// Watched, liked or hidden, and how often.
    pub seen: SortedMap<String, u32>,
    /// Hidden for good.
    pub hidden: SortedMap<String, u32>,
    /// What else is known of what was rated or watched, by item. A rating that is withdrawn takes it along.
    pub beside: SortedMap<String, Beside>,
    /// What was shown last of each item.
    pub shown: SortedMap<String, Shown>,
}

/// What applying an event changed in a profile's ratings, and whether it said anything besides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The rating before.
    pub before: Option<f64>,
    /// The rating now.
    pub after: Option<f64>,
    /// Whether something beside the rating is known now that was not before.
    pub beside: bool,
}

/// The state of all profiles: a pure function of the log.
#[derive(Clone, Debug, Default)]
pub struct Feedback {
    profiles: SortedMap<String, Profile>,
    events: usize,
}

impl Beside {
    /// Takes up what an event says; what it leaves out stays as it was. True where anything but the time changed.
    fn take(&mut self, event: &Event, shown: Option<&Shown>) -> bool {
        let before = self.clone();
        if let Some(shown) = shown.filter(|s| (0.0..=LED_TO).contains(&(event.at - s.at))) {
            // The circumstances it was asked for in are those it was watched in, unless something else is said.
            if !shown.moment.is_empty() {
                self.moment = shown.moment.clone();
            }
            self.score = shown.score;
        }
        // Circumstances were checked before they were stored; those of an older log may be anything.
        if let Some(said) = moment("context", event.context.as_ref()).ok().filter(|m| !m.is_empty()) {
            self.moment = said;
        }
        self.completion = event.completion.or(self.completion);
        self.would_watch_again = event.would_watch_again.or(self.would_watch_again);
        // What is said later of something that was rated is no other rating.
        if event.rating.is_some() || self.at == NO_TIME {
            self.at = event.at;
        }
        (&before.moment, before.completion, before.would_watch_again, before.score)
            != (&self.moment, self.completion, self.would_watch_again, self.score)
    }
}

impl Profile {
    /// Rated, watched, liked or hidden: not to be shown again.
    pub fn knows(&self, item: &str) -> bool {
        self.ratings.contains_key(item) || self.seen.contains_key(item)
    }
}

impl Feedback {
    /// Applies one stored event.
    pub fn apply(&mut self, event: &Event) -> Change {
        self.events += 1;
        let profile = self.profiles.or_default(event.profile.clone());
        let before = profile.ratings.get(&event.item).copied();
        let (mut after, mut beside) = (before, false);
        match (event.kind, event.rating) {
            (Kind::Impression, _) => {
                let moment = moment("context", event.context.as_ref()).unwrap_or_default();
                let shown = profile.shown.or_default(event.item.clone());
                // The log's order need not be that of its times.
                if event.at >= shown.at {
                    *shown = Shown { moment, score: event.score, at: event.at };
                }
            }
            (Kind::Rate, None) => {
                after = None;
                profile.ratings.remove(&event.item);
                profile.beside.remove(&event.item);
            }
            (kind, rating) => {
                if let Some(r) = rating {
                    after = Some(r);
                    profile.ratings.insert(event.item.clone(), r);
                }
                // A rating says by itself that something was seen, for as long as it stands.
                if kind != Kind::Rate {
                    *profile.seen.or_default(event.item.clone()) += 1;
                }
                if kind == Kind::Hide {
                    *profile.hidden.or_default(event.item.clone()) += 1;
                }
                beside =
                    profile.beside.or_default(event.item.clone()).take(event, profile.shown.get(&event.item));
            }
        }
        Change { before, after, beside }
    }

    /// A profile that has feedback.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    /// All profiles, by name.
    pub fn profiles(&self) -> impl Iterator<Item = (&str, &Profile)> {
        self.profiles.iter().map(|(name, p)| (name.as_str(), p))
    }

    /// Events applied.
    pub fn events(&self) -> usize {
        self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(item: &str, rating: Option<f64>) -> Event {
        Event {
            seq: 0.0,
            profile: "me".into(),
            item: item.into(),
            kind: Kind::Rate,
            rating,
            completion: None,
            would_watch_again: None,
            context: None,
            score: None,
            at: 1.7e12,
        }
    }

    #[test]
    fn the_last_rating_stands_and_a_withdrawal_removes_it() {
        let mut f = Feedback::default();
        let change = |before, after| Change { before, after, beside: false };
        assert_eq!(f.apply(&rate("a", Some(3.0))), change(None, Some(3.0)));
        assert_eq!(f.apply(&rate("a", Some(5.0))), change(Some(3.0), Some(5.0)));
        assert_eq!(f.apply(&rate("a", None)), change(Some(5.0), None));
        let me = f.profile("me").unwrap();
        assert!(me.ratings.is_empty() && me.seen.is_empty());
    }

    #[test]
    fn what_is_said_beside_a_rating_stays_until_it_is_withdrawn() {
        let mut f = Feedback::default();
        let context = Some(serde_json::json!({ "mood": "funny" }).into());
        assert!(f.apply(&Event { context, completion: Some(0.5), ..rate("a", Some(3.0)) }).beside);
        assert!(
            f.apply(&Event { would_watch_again: Some(true), kind: Kind::Watch, ..rate("a", None) }).beside
        );
        assert!(!f.apply(&rate("a", Some(4.0))).beside);
        f.apply(&Event { kind: Kind::Watch, at: 1.8e12, ..rate("a", None) });
        assert_eq!(f.profile("me").unwrap().beside.get("a").unwrap().at, 1.7e12, "when it was rated");
        let beside = f.profile("me").unwrap().beside.get("a").unwrap();
        assert_eq!((beside.completion, beside.would_watch_again), (Some(0.5), Some(true)));
        assert_eq!(beside.moment.get("mood").map(String::as_str), Some("funny"));
        f.apply(&rate("a", None));
        assert!(f.profile("me").unwrap().beside.is_empty());
    }

    #[test]
    fn feedback_is_put_down_to_the_recommendation_that_led_to_it() {
        let mut f = Feedback::default();
        let said = |word: &str| Some(serde_json::json!({ "mood": word }).into());
        let shown = |score, at| Event {
            kind: Kind::Impression,
            context: said("funny"),
            score: Some(score),
            at,
            ..rate("a", None)
        };
        let known = |f: &Feedback| {
            let beside = f.profile("me").unwrap().beside.get("a").unwrap();
            (beside.moment.get("mood").map(String::as_str).unwrap_or("").to_owned(), beside.score)
        };
        f.apply(&shown(4.2, 1.7e12 - 8.0 * time::DAY));
        f.apply(&rate("a", Some(3.0)));
        assert_eq!(known(&f), (String::new(), None), "more than a week ago");
        f.apply(&shown(4.4, 1.7e12 - time::DAY));
        assert!(f.apply(&rate("a", Some(3.0))).beside);
        assert_eq!(known(&f), ("funny".to_owned(), Some(4.4)));
        f.apply(&shown(1.0, 1.7e12 - 2.0 * time::DAY));
        f.apply(&rate("a", Some(2.5)));
        assert_eq!(known(&f).1, Some(4.4), "noted late, shown early");
        f.apply(&Event { context: said("sad"), ..rate("a", Some(2.0)) });
        assert_eq!(known(&f), ("sad".to_owned(), Some(4.4)), "what is said counts");
        let me = f.profile("me").unwrap();
        assert!(me.seen.is_empty(), "what was shown was not seen");
    }

    #[test]
    fn hidden_things_stay_hidden_and_impressions_are_not_seen() {
        let mut f = Feedback::default();
        f.apply(&Event { kind: Kind::Hide, ..rate("a", None) });
        f.apply(&Event { kind: Kind::Impression, ..rate("b", None) });
        f.apply(&rate("a", None));
        let me = f.profile("me").unwrap();
        assert!(me.seen.contains_key("a") && me.hidden.contains_key("a") && !me.seen.contains_key("b"));
    }

    #[test]
    fn rows_are_checked() {
        let now = 1.8e12;
        let s = Scale::default();
        assert!(rate("a", Some(4.0)).check(s, now).unwrap().is_empty());
        let odd = Event { at: 1.4e9, ..rate("a", Some(4.0)) };
        assert_eq!(odd.check(s, now).unwrap()[0].code, "timestamp-looks-like-seconds");
        for (event, place) in [
            (rate("", None), "item"),
            (rate("a", Some(7.0)), "rating"),
            (Event { completion: Some(1.1), ..rate("a", None) }, "completion"),
            (Event { context: Some(7.0.into()), ..rate("a", None) }, "context"),
            (Event { score: Some(f64::NAN), ..rate("a", None) }, "score"),
            (Event { at: now + 2.0 * time::DAY, ..rate("a", None) }, "at"),
            (Event { at: f64::NAN, ..rate("a", None) }, "at"),
            (Event { profile: String::new(), ..rate("a", None) }, "profile"),
        ] {
            assert_eq!(event.check(s, now).unwrap_err().place(), place);
        }
    }
}
