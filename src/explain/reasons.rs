//! The reasons worth saying, strongest first.

use super::Attribution;
use crate::data::Catalog;
use crate::ground::json::{Value, object, written_as};
use crate::ground::map::SortedMap;
use crate::ground::sort::sort_by;
use crate::models::content::Kind;
use crate::models::{Model, Person};

/// One reason. Weights of shares of the score are in rating points; others lie between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Stable code.
    pub code: &'static str,
    /// How much it says.
    pub weight: f64,
    /// What it rests on.
    pub evidence: Evidence,
}

written_as!(Reason { code => "code", weight => "weight", evidence => "evidence" });

/// What a reason rests on; empty fields are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Items the person rated.
    pub items: Vec<String>,
    /// The person's ratings of them.
    pub ratings: Vec<f64>,
    /// Genres shared, or that speak for it.
    pub genres: Vec<String>,
    /// Tags and names that speak for it.
    pub traits: Vec<String>,
    /// Expected or mean rating among others.
    pub rating: Option<f64>,
    /// How many others.
    pub people: Option<u32>,
}

impl From<Evidence> for Value {
    fn from(of: Evidence) -> Value {
        let texts = |list: Vec<String>| if list.is_empty() { Value::Null } else { list.into() };
        object([
            ("items", texts(of.items)),
            ("genres", texts(of.genres)),
            ("traits", texts(of.traits)),
            ("ratings", if of.ratings.is_empty() { Value::Null } else { of.ratings.into() }),
            ("rating", of.rating.into()),
            ("people", of.people.into()),
        ])
    }
}

/// Everything a reason is looked for in.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The model that gave the score.
    pub model: &'a Model,
    /// The person, solved.
    pub person: &'a Person,
    /// The person's ratings by item row.
    pub ratings: &'a [(u32, f64)],
    /// Genres, by item id.
    pub catalog: &'a Catalog,
    /// Where the score came from.
    pub attribution: &'a Attribution,
    /// Row of the item in the model.
    pub item: u32,
    /// How alike the people are whom the model remembers.
    pub alike: Option<&'a [f32]>,
    /// What the circumstances do to the score.
    pub moment: Moved,
}

/// By how much circumstances change a score.
#[derive(Clone, Debug, Default)]
pub struct Moved {
    /// In rating points.
    pub by: f64,
    /// "funny", "with friends".
    pub words: Vec<String>,
}

/// Contributions below this many rating points are not worth a sentence.
const WORTH_SAYING: f64 = 0.02;
/// Factors less alike than this are not called similar.
const ALIKE: f32 = 0.35;
/// People less alike than this are not called like-minded, fewer than [`FEW`] of them are nobody to quote, and more than
/// [`NEIGHBOURS`] are a crowd again.
const LIKE_MINDED: f32 = 0.1;
const FEW: usize = 3;
const NEIGHBOURS: usize = 20;

/// The reasons for one item.
pub fn reasons(s: &Subject<'_>) -> Vec<Reason> {
    let mut all: Vec<Reason> =
        [contributions(s), similar(s), genres(s), archetype(s), like_minded(s), fitting(s), others(s)]
            .into_iter()
            .flatten()
            .collect();
    sort_by(&mut all, |a, b| b.weight.total_cmp(&a.weight));
    all
}

/// What speaks for an item that is known by its description alone, given what lifts its score: up to three genres, and
/// up to two tags or names.
pub fn content_reason(lifts: &[(Kind, &str, f64)]) -> Reason {
    let most = |n: usize, fits: fn(Kind) -> bool| -> Vec<_> {
        lifts.iter().filter(|l| fits(l.0) && l.2 >= WORTH_SAYING).take(n).collect()
    };
    let genres = most(3, |k| k == Kind::Genre);
    let traits = most(2, |k| matches!(k, Kind::Tag | Kind::Person));
    let words = |of: &[&(Kind, &str, f64)]| of.iter().map(|l| l.1.to_owned()).collect();
    Reason {
        code: "from-content",
        weight: genres.iter().chain(&traits).map(|l| l.2).sum(),
        evidence: Evidence { genres: words(&genres), traits: words(&traits), ..Evidence::default() },
    }
}

/// The ratings that pull this item up most.
fn contributions(s: &Subject<'_>) -> Option<Reason> {
    let up: Vec<_> = s.attribution.contributions.iter().filter(|c| c.2 >= WORTH_SAYING).take(3).collect();
    let weight = up.iter().map(|c| c.2).sum();
    (!up.is_empty()).then(|| Reason {
        code: "your-rating",
        weight,
        evidence: Evidence {
            items: up.iter().map(|c| s.model.ids().id(c.0).to_owned()).collect(),
            ratings: up.iter().map(|c| c.1).collect(),
            ..Evidence::default()
        },
    })
}

/// Items with similar factors that the person rated at least three quarters up the scale.
fn similar(s: &Subject<'_>) -> Option<Reason> {
    let scale = s.model.scale();
    let from = scale.min + 0.75 * (scale.max - scale.min);
    let mut alike: Vec<(f32, u32, f64)> = s
        .ratings
        .iter()
        .filter(|(j, r)| *r >= from && *j != s.item)
        .filter_map(|&(j, r)| s.model.likeness(s.item, j).map(|like| (like, j, r)))
        .filter(|a| a.0 >= ALIKE)
        .collect();
    sort_by(&mut alike, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    alike.truncate(2);
    let weight = f64::from(alike.first()?.0);
    Some(Reason {
        code: "similar-liked",
        // A likeness is no share of the score, so it is kept below one that is.
        weight: 0.5 * weight,
        evidence: Evidence {
            items: alike.iter().map(|a| s.model.ids().id(a.1).to_owned()).collect(),
            ratings: alike.iter().map(|a| a.2).collect(),
            ..Evidence::default()
        },
    })
}

/// Genres of the item the person rates above their own mean: (Σ (r − mean)) / (n + 3) per genre, so that one rating
/// alone says little.
fn genres(s: &Subject<'_>) -> Option<Reason> {
    let item = s.catalog.ids().get(s.model.ids().id(s.item))?;
    let mean = crate::ground::math::mean(s.ratings.iter().map(|r| r.1));
    let mut sums: SortedMap<u32, (f64, f64)> = SortedMap::default();
    for &(j, rating) in s.ratings {
        let Some(row) = s.catalog.ids().get(s.model.ids().id(j)) else { continue };
        for &g in s.catalog.genres_of(row) {
            let cell = sums.or_default(g);
            cell.0 += rating - mean;
            cell.1 += 1.0;
        }
    }
    let mut liked: Vec<(f64, u32)> = s
        .catalog
        .genres_of(item)
        .iter()
        .filter_map(|g| sums.get(g).map(|(sum, n)| (sum / (n + 3.0), *g)))
        .filter(|(weight, _)| *weight >= 0.1)
        .collect();
    sort_by(&mut liked, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    liked.truncate(3);
    let weight = liked.first()?.0;
    let genres = liked.iter().map(|l| s.catalog.genres().id(l.1).to_owned()).collect();
    Some(Reason { code: "genre-match", weight, evidence: Evidence { genres, ..Evidence::default() } })
}

/// What the people of the nearest archetype would give the item.
fn archetype(s: &Subject<'_>) -> Option<Reason> {
    let centres = s.model.archetypes()?;
    let centre = centres.nearest(&s.model.embedding_of(s.person)?)?;
    let rating = s.model.scale().clip(s.model.centre_rating(centre, s.item)?);
    let above = rating - s.model.mean();
    (above >= 0.1).then(|| Reason {
        code: "archetype",
        weight: 0.5 * above,
        evidence: Evidence {
            rating: Some(rating),
            people: Some(centres.people[centre]),
            ..Evidence::default()
        },
    })
}

/// What the people most like this one gave the item.
fn like_minded(s: &Subject<'_>) -> Option<Reason> {
    let Model::ItemKnn(model) = s.model else { return None };
    let (crowd, alike) = (model.crowd.as_ref()?, s.alike?);
    let raters = crowd.raters(alike, s.item, NEIGHBOURS, LIKE_MINDED);
    let voice = crowd.voice(&raters, s.item).filter(|v| v.people >= FEW && v.above >= 0.1)?;
    Some(Reason {
        code: "like-minded",
        weight: 0.5 * voice.above,
        evidence: Evidence {
            rating: Some(voice.rating),
            people: Some(voice.people as u32),
            ..Evidence::default()
        },
    })
}

/// What the moment does for it.
fn fitting(s: &Subject<'_>) -> Option<Reason> {
    (s.moment.by >= 0.05).then(|| Reason {
        code: "fits-the-moment",
        weight: s.moment.by,
        evidence: Evidence { traits: s.moment.words.clone(), ..Evidence::default() },
    })
}

/// What all people think of it.
fn others(s: &Subject<'_>) -> Option<Reason> {
    let (people, rating) = (s.model.count(s.item), s.model.scale().clip(s.model.baseline(s.item)));
    let above = rating - s.model.mean();
    let code = if above >= 0.2 && people >= 5 { "well-rated" } else { "popular" };
    let weight = if code == "popular" { 0.01 } else { 0.3 * above };
    let evidence = Evidence { rating: Some(rating), people: Some(people), ..Evidence::default() };
    (people > 0).then_some(Reason { code, weight, evidence })
}
