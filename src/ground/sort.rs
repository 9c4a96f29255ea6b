//! One sort for everything. The standard library's is compiled anew for each type it meets, about 8 kB of wasm each
//! time; ordering indices through a `dyn` comparison is compiled once. Nothing sorted here is in an inner loop.

use core::cmp::Ordering;

/// The indices `0..n` in order; equal ones keep theirs.
#[inline(never)]
pub fn order(n: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<u32> {
    let mut indices: Vec<u32> = (0..n as u32).collect();
    // Ties by index make the unstable sort a stable one, at half the code.
    indices.sort_unstable_by(|&a, &b| compare(a as usize, b as usize).then(a.cmp(&b)));
    indices
}

/// Sorts; equal items keep their order.
pub fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let order = order(items.len(), &mut |a, b| compare(&items[a], &items[b]));
    let mut slots: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|i| slots[i as usize].take()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_order_and_equal_ones_keep_theirs() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        sort_by(&mut items, |x, y| x.0.cmp(&y.0));
        assert_eq!(items.iter().map(|x| x.1).collect::<String>(), "dbeac");
        assert!(order(0, &mut |_, _| Ordering::Equal).is_empty());
    }
}
