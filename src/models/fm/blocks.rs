//! Groups of shared features, from the ratings themselves and from the catalog. Weights are 1 / √n for an entity with n
//! features of a group, so that those with many are not drowned by them (Koren, "Factorization Meets the
//! Neighborhood", KDD 2008, eq. 15).

use super::FmParams;
use super::draw::Prior;
use super::side::Group;
use crate::data::ratings::{Csr, Ratings};
use crate::ground::ids::Vocabulary;
use crate::ground::math;
use crate::ground::rng::Rng;
use crate::models::fit::Lesson;
use crate::models::mf::Table;

/// Shared features of people and of items.
pub fn groups(lesson: &Lesson<'_>, params: &FmParams, table: &Ratings, rng: &mut Rng) -> [Vec<Group>; 2] {
    let mut group = |features: Csr| Group {
        theta: Table::random(features.rows(), params.factors, params.init_scale, rng),
        prior: Prior::new(params.factors),
        features,
    };
    let (mut users, mut items) = (Vec::new(), Vec::new());
    if params.history > 0 {
        users.push(group(whole(&table.by_user, table.by_item.rows())));
    }
    if params.history > 1 {
        items.push(group(whole(&table.by_item, table.by_user.rows())));
    }
    if let (true, Some(catalog)) = (params.content, lesson.catalog) {
        let ids = &lesson.data.items;
        let (mut genres, mut years) = (Vec::new(), Vec::new());
        let mut known_years = Vocabulary::default();
        for id in ids.ids() {
            let row = catalog.ids().get(id);
            genres.push(row.map_or_else(Vec::new, |r| catalog.genres_of(r).to_vec()));
            let year = row.and_then(|r| catalog.items()[r as usize].year);
            years.push(year.map_or_else(Vec::new, |y| vec![known_years.intern(&(y as i32).to_string())]));
        }
        for (features, of) in [(catalog.genres().len(), genres), (known_years.len(), years)] {
            if features > 0 {
                items.push(group(by_feature(features, &of)));
            }
        }
    }
    [users, items]
}

/// The transpose of who rated what, with weights.
fn whole(rows: &Csr, features: usize) -> Csr {
    let of: Vec<Vec<u32>> = (0..rows.rows() as u32).map(|r| rows.row(r).0.to_vec()).collect();
    by_feature(features, &of)
}

/// Entities by feature, from features by entity.
fn by_feature(features: usize, of: &[Vec<u32>]) -> Csr {
    let entries = of.iter().enumerate().flat_map(|(entity, list)| {
        let weight = 1.0 / math::sqrt(list.len() as f64) as f32;
        list.iter().map(move |&feature| (feature, entity as u32, weight))
    });
    Csr::new(features, entries)
}
