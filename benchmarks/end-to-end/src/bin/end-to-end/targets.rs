//! What was aimed at, and whether it was met.

use countersign_end_to_end::contenders::{Framework, Kind};

use crate::{hostile::Hostile, memory::Memory, speed::Speed};

struct Target {
    what: String,
    /// With its unit.
    limit: String,
    measured: String,
    is_met: bool,
}

#[derive(Default)]
pub struct Targets(Vec<Target>);

impl Targets {
    /// Compares what is printed, so that the table cannot contradict itself.
    fn at_most(&mut self, what: String, limit: f64, measured: f64, digits: usize, unit: &str) {
        let text = format!("{measured:.digits$}");
        let is_met = text.parse::<f64>().is_ok_and(|measured| measured <= limit);
        self.0.push(Target {
            what,
            limit: format!("at most {limit}{unit}"),
            measured: format!("{text}{unit}"),
            is_met,
        });
    }

    pub fn of_speed(&mut self, sizes: &[(usize, Speed)]) {
        use Framework::{Actix, Axum};
        use Kind::{BareBytes, HandBytes, HandTyped, OursBytes, OursTyped};

        let name =
            |size: usize| if size < 1 << 20 { format!("{} KiB", size >> 10) } else { format!("{} MiB", size >> 20) };
        let (_, small) = &sizes[0];
        let (ours, bare) = (Axum.with(OursBytes), Axum.with(BareBytes));
        let size = name(sizes[0].0);
        self.at_most(
            format!("#5 {size}, `Bytes`, axum: CPU over bare"),
            2.0,
            small.difference(ours, bare).median,
            2,
            " us",
        );
        let capacity = 100.0 / small.ratio(ours, bare).median;
        self.0.push(Target {
            what: format!("#5 {size}, `Bytes`, axum: requests for the same CPU, of bare"),
            limit: "at least 85 %".into(),
            measured: format!("{capacity:.0} %"),
            is_met: capacity.round() >= 85.0,
        });
        for framework in [Axum, Actix] {
            for (size, speed) in sizes {
                let (number, limit) = if *size == 1024 { (5, 1.0) } else { (6, 1.05) };
                let ratio = speed.ratio(framework.with(OursBytes), framework.with(HandBytes)).median;
                let what = format!("#{number} {}, `Bytes`, {framework}: CPU, times by hand", name(*size));
                self.at_most(what, limit, ratio, 2, "");
            }
            for (size, speed) in sizes {
                let limit = if *size == 1024 { 1.0 } else { 0.95 };
                let ratio = speed.ratio(framework.with(OursTyped), framework.with(HandTyped)).median;
                self.at_most(
                    format!("#7 {}, typed, {framework}: CPU, times by hand", name(*size)),
                    limit,
                    ratio,
                    2,
                    "",
                );
            }
        }
    }

    pub fn of_memory(&mut self, memory: &Memory) {
        let axum = memory.of(Framework::Axum.with(Kind::OursBytes));
        let (actix, bare) =
            (memory.of(Framework::Actix.with(Kind::OursBytes)), memory.of(Framework::Actix.with(Kind::BareBytes)));
        self.at_most("#8 axum: held, of an upload of 1 MiB".into(), 1.1, axum.held(), 2, " MiB");
        self.at_most("#8 actix-web: held of it, times bare".into(), 1.05, actix.held() / bare.held(), 2, "");
        self.at_most("#8 axum: held, of a promise".into(), 0.03, axum.promised(), 3, " MiB");
        self.at_most("#8 actix-web: held, of a promise".into(), 0.03, actix.promised(), 3, " MiB");
        self.at_most("#8 axum: held, of a MiB in 1-byte chunks".into(), 3.0, axum.dribbled().median, 2, " MiB");
        self.at_most(
            "#8 actix-web: held of it, times bare".into(),
            1.0,
            actix.dribbled().median / bare.dribbled().median,
            2,
            "",
        );
    }

    pub fn of_hostile(&mut self, hostile: &Hostile) {
        for framework in Framework::ALL {
            let what = format!("#9 {framework}: CPU after a hang-up");
            self.at_most(what, 10.0, hostile.after_hang_up(framework), 1, " ms");
            let status = hostile.status_of_absurd(framework);
            self.0.push(Target {
                what: format!("#9 {framework}: an absurd `Content-Length`"),
                limit: "413, and alive".into(),
                measured: status.to_string(),
                is_met: status == 413,
            });
            let ratio = hostile.forged_to_valid(framework, 1 << 20).median;
            self.at_most(format!("#9 {framework}: CPU of a forged 1 MiB, times genuine"), 1.0, ratio, 2, "");
        }
    }

    pub fn print(&self) {
        println!("| target | limit | measured | met |");
        println!("|---|--:|--:|---|");
        for Target { what, limit, measured, is_met } in &self.0 {
            println!("| {what} | {limit} | {measured} | {} |", if *is_met { "yes" } else { "**no**" });
        }
    }
}
