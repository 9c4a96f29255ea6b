//! What models of preferences share: people to calibrate expected ratings on, and explanations that add up.

use crate::data::Interactions;

/// Histories (item row, rating) of people evenly picked, `most` ratings or a little more in all.
pub fn histories(data: &Interactions, most: usize) -> Vec<Vec<(u32, f64)>> {
    let stride = data.len().div_ceil(most.max(1)).max(1) as u32;
    let mut histories = vec![Vec::new(); data.users.len().div_ceil(stride as usize)];
    for r in 0..data.len() {
        if data.user[r].is_multiple_of(stride) {
            histories[(data.user[r] / stride) as usize].push((data.item[r], f64::from(data.rating[r])));
        }
    }
    histories.retain(|h| !h.is_empty());
    histories
}

/// Gives what single precision lost to the largest of the parts, so that they sum to `whole`.
pub fn settle(parts: &mut [f64], whole: f64) {
    let rest = whole - parts.iter().sum::<f64>();
    if let Some(largest) = parts.iter_mut().max_by(|a, b| a.abs().total_cmp(&b.abs())) {
        *largest += rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_picked_evenly_and_whole() {
        let mut x = Interactions::default();
        for (u, i) in (0..10).flat_map(|u| (0..6).map(move |i| (u, i))) {
            x.push(&format!("u{u}"), &format!("i{i}"), 3.0, 0.0);
        }
        let picked = histories(&x, 20);
        assert_eq!(picked.len(), 4, "every third of ten");
        assert!(picked.iter().all(|h| h.len() == 6));
        assert_eq!(histories(&x, 1000).len(), 10);
        assert!(histories(&Interactions::default(), 5).is_empty());
    }

    #[test]
    fn parts_sum_to_the_whole() {
        let mut parts = [0.1, -0.5, 0.2];
        settle(&mut parts, -0.25);
        assert!((parts.iter().sum::<f64>() + 0.25).abs() < 1e-15 && parts[0] == 0.1);
        settle(&mut [], 1.0);
    }
}
