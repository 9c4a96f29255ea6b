//! One sort for everything. The standard library's is compiled anew for each type it meets, about 8 kB of wasm each
//! time, and even one copy weighs 4 kB; a plain merge sort of indices through a `dyn` comparison weighs a tenth of
//! that. Nothing sorted here is in an inner loop.

use core::cmp::Ordering;

/// The indices `0..n` in order; equal ones keep theirs. Bottom-up merge sort.
#[inline(never)]
pub fn order(n: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<u32> {
    let mut from: Vec<u32> = (0..n as u32).collect();
    let mut to = from.clone();
    let mut width = 1;
    while width < n {
        for start in (0..n).step_by(2 * width) {
            let (middle, end) = ((start + width).min(n), (start + 2 * width).min(n));
            let (mut left, mut right) = (start, middle);
            for slot in &mut to[start..end] {
                let take_left = left < middle
                    && (right == end
                        || compare(from[left] as usize, from[right] as usize) != Ordering::Greater);
                let next = if take_left { &mut left } else { &mut right };
                *slot = from[*next];
                *next += 1;
            }
        }
        core::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    from
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
        for n in 0..40 {
            let key = |i: usize| (i * 7) % 11;
            let mut theirs: Vec<u32> = (0..n as u32).collect();
            theirs.sort_by_key(|&i| key(i as usize));
            assert_eq!(order(n, &mut |a, b| key(a).cmp(&key(b))), theirs);
        }
        assert!(order(0, &mut |_, _| Ordering::Equal).is_empty());
    }
}
