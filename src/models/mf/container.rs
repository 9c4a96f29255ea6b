//! The tables in a container.

use super::{Archetypes, MatrixFactorization, MfParams, Table};
use crate::codec::{Reader, Writer};
use crate::ground::Result;
use crate::ground::ids::Vocabulary;
use crate::models::{Known, People};

impl MatrixFactorization {
    pub(super) fn write_tables(&self, w: &mut Writer, people: People) {
        let factors = self.params.factors;
        self.items.write(w, "item", factors);
        if let Some((ids, table)) = self.users.as_ref().filter(|_| people == People::Keep) {
            w.ids("user_ids", ids.ids());
            table.write(w, "user", factors);
        }
        self.archetypes.write(w, factors);
        if let Some(implicit) = &self.implicit {
            implicit.write(w, "implicit", factors);
        }
    }

    pub(super) fn read(
        params: MfParams,
        known: Known,
        r: &mut Reader<'_>,
        (users, archetypes): (usize, usize),
    ) -> Result<MatrixFactorization> {
        let items = Table::read(r, "item", known.len(), params.factors)?;
        let users = match users {
            0 => None,
            n => {
                let ids = Vocabulary::from_ids("user_ids", r.ids("user_ids", n)?)?;
                Some((ids, Table::read(r, "user", n, params.factors)?))
            }
        };
        let archetypes = Archetypes::read(r, archetypes, params.factors)?;
        let implicit = (params.history > 0).then(|| Table::read(r, "implicit", known.len(), params.factors));
        Ok(MatrixFactorization { params, known, items, implicit: implicit.transpose()?, users, archetypes })
    }
}
