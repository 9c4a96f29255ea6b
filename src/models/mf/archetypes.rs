//! Centres of taste: k-means over the people's factors, at least [`MIN_PEOPLE`] people each. They are all that a pack
//! says of people.

use super::Table;
use crate::codec::{Reader, Writer};
use crate::ground::rng::Rng;
use crate::ground::simd::F32x8;
use crate::ground::{Result, math};

/// Fewest people behind a centre.
pub const MIN_PEOPLE: u32 = 20;
const MOST_CENTRES: usize = 12;
const ROUNDS: usize = 12;

/// Centres (b, p) and how many people each stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Archetypes {
    /// Mean bias and factors of the people of each centre.
    pub centres: Table,
    /// How many people that is.
    pub people: Vec<u32>,
}

impl Archetypes {
    /// Lloyd's algorithm from seeded, distinct starting people; centres of fewer than [`MIN_PEOPLE`] are dissolved,
    /// smallest first, and their people go to the nearest other centre.
    pub fn find(users: &Table, factors: usize, seed: u64) -> Archetypes {
        let n = users.len();
        let k = (n / (2 * MIN_PEOPLE as usize)).min(MOST_CENTRES);
        if k == 0 {
            return Archetypes { centres: Table::zeros(0, factors), people: Vec::new() };
        }
        let mut order: Vec<usize> = (0..n).collect();
        Rng::new(seed, 4).shuffle(&mut order);
        let mut centres = average(users, factors, &(0..k).map(|c| vec![order[c]]).collect::<Vec<_>>());
        let mut members = Vec::new();
        for _ in 0..ROUNDS {
            members = assign(users, &centres);
            members.retain(|m| !m.is_empty());
            centres = average(users, factors, &members);
        }
        while let Some(small) = (0..members.len())
            .min_by_key(|&c| members[c].len())
            .filter(|&c| members.len() > 1 && members[c].len() < MIN_PEOPLE as usize)
        {
            members.remove(small);
            centres = average(users, factors, &members);
            members = assign(users, &centres);
        }
        members.retain(|m| m.len() >= MIN_PEOPLE as usize);
        let centres = average(users, factors, &members);
        Archetypes { people: members.iter().map(|m| m.len() as u32).collect(), centres }
    }

    /// Writes them.
    pub fn write(&self, w: &mut Writer, factors: usize) {
        w.u32("archetype_people", &self.people);
        self.centres.write(w, "archetype", factors);
    }

    /// Reads what was written.
    pub fn read(r: &mut Reader<'_>, rows: usize, factors: usize) -> Result<Archetypes> {
        let people = r.u32("archetype_people", rows)?;
        Ok(Archetypes { centres: Table::read(r, "archetype", rows, factors)?, people })
    }

    /// The centre nearest to a person's factors.
    pub fn nearest(&self, p: &[f32]) -> Option<usize> {
        (!self.people.is_empty()).then(|| nearest(&self.centres, &halves(&self.centres), p))
    }
}

/// ½ |c|² of each centre: |c − p|² orders centres as ½ |c|² − c·p does, and that is one product a centre.
fn halves(centres: &Table) -> Vec<f32> {
    (0..centres.len()).map(|c| 0.5 * math::dot(centres.row(c), centres.row(c))).collect()
}

fn nearest(centres: &Table, halves: &[f32], p: &[f32]) -> usize {
    let (mut best, mut least) = (0, f32::INFINITY);
    for (c, half) in halves.iter().enumerate() {
        let distance = half - math::dot(centres.row(c), p);
        if distance < least {
            (best, least) = (c, distance);
        }
    }
    best
}

fn assign(users: &Table, centres: &Table) -> Vec<Vec<usize>> {
    let (mut members, halves) = (vec![Vec::new(); centres.len()], halves(centres));
    for u in 0..users.len() {
        members[nearest(centres, &halves, users.row(u))].push(u);
    }
    members
}

fn average(users: &Table, factors: usize, members: &[Vec<usize>]) -> Table {
    let mut table = Table::zeros(members.len(), factors);
    for (c, group) in members.iter().enumerate() {
        let weight = 1.0 / group.len().max(1) as f32;
        for &u in group {
            table.bias[c] += users.bias[u] * weight;
            let (row, x) = (table.row_mut(c).as_chunks_mut().0, users.row(u).as_chunks().0);
            for (cell, x) in row.iter_mut().zip(x) {
                (F32x8::load(cell) + F32x8::splat(weight) * F32x8::load(x)).store(cell);
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(groups: &[(usize, f32)]) -> Table {
        let n = groups.iter().map(|g| g.0).sum();
        let mut table = Table::zeros(n, 2);
        let mut at = 0;
        for &(count, x) in groups {
            for j in 0..count {
                table.row_mut(at)[0] = x + j as f32 * 1e-3;
                at += 1;
            }
        }
        table
    }

    #[test]
    fn every_centre_stands_for_twenty_people_or_more() {
        for (groups, seed) in
            [(vec![(60, -1.0), (60, 1.0), (5, 9.0)], 1), (vec![(45, 0.0)], 2), (vec![(300, 0.0)], 3)]
        {
            let found = Archetypes::find(&people(&groups), 2, seed);
            assert!(!found.people.is_empty());
            assert!(found.people.iter().all(|&n| n >= MIN_PEOPLE), "{:?}", found.people);
            assert_eq!(found.people.len(), found.centres.len());
        }
    }

    #[test]
    fn few_people_have_no_archetype() {
        let found = Archetypes::find(&people(&[(39, 0.0)]), 2, 1);
        assert!(found.people.is_empty() && found.nearest(&[0.0; 8]).is_none());
    }

    #[test]
    fn clear_groups_are_found() {
        let found = Archetypes::find(&people(&[(50, -1.0), (50, 1.0)]), 2, 1);
        assert_eq!(found.people.iter().sum::<u32>(), 100);
        let near = found.nearest(&[0.9, 0.0]).unwrap();
        assert!(found.centres.row(near)[0] > 0.5);
    }
}
