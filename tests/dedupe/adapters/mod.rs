//! Each delivery is handled once behind each adapter: axum and actix-web as servers on real sockets, whose
//! answers are compared word for word.

/// Makes of every function a test for each kind of server, which is the argument.
macro_rules! for_all {
    ($($test:ident,)*) => {
        for_all!(@ axum Axum $($test)*);
        for_all!(@ actix Actix $($test)*);
    };
    (@ $module:ident $Kind:ident $($test:ident)*) => {
        mod $module {
            $(#[test]
            fn $test() {
                super::$test(crate::adapters::servers::Kind::$Kind);
            })*
        }
    };
}

mod actix_site;
mod answers;
mod book;
mod contexts;
mod deadlines;
mod failing_stores;
mod flights;
mod keys;
mod leases;
mod outcomes;
mod own_rejections;
mod servers;
mod sites;
mod stores;
mod unproven;
