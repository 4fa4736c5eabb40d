//! What `Json` and `Form` have in common.

use super::{Form, Json};

macro_rules! wrapper {
    ($Wrapper:ident) => {
        impl<T> $Wrapper<T> {
            /// Returns the value.
            pub fn into_inner(self) -> T {
                self.0
            }
        }

        impl<T> std::ops::Deref for $Wrapper<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T> std::ops::DerefMut for $Wrapper<T> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.0
            }
        }
    };
}

wrapper!(Json);
wrapper!(Form);
