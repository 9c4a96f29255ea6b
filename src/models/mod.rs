//! Floor 2: what gives scores. A closed enum over one trait: the set is known, and whoever needs a certain model can
//! ask for it; everybody else asks the trait.

pub mod biases;
pub mod fit;
mod known;
pub mod mf;
pub mod params;
mod person;
pub mod popularity;
mod save;
mod scorer;
pub mod spec;

pub use biases::Biases;
pub use fit::{Fit, Lesson};
pub use known::{Known, liked_from};
pub use mf::MatrixFactorization;
pub use person::{Person, Solved};
pub use popularity::Popularity;
pub use save::People;
pub use scorer::Scorer;
pub use spec::{Aim, Spec};

/// A trained model.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // one or two exist at a time
pub enum Model {
    /// Shrunk means.
    Popularity(Popularity),
    /// Biases and factors.
    MatrixFactorization(MatrixFactorization),
}

impl Model {
    /// What every model can be asked.
    pub fn scorer(&self) -> &(dyn Scorer + 'static) {
        match self {
            Model::Popularity(m) => m,
            Model::MatrixFactorization(m) => m,
        }
    }
}

impl core::ops::Deref for Model {
    type Target = dyn Scorer;

    fn deref(&self) -> &Self::Target {
        self.scorer()
    }
}
