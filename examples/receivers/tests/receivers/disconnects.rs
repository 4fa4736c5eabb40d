//! Clients that disconnect in the middle of a body.

use std::{io::Write, net::TcpStream, thread, time::Duration};

use crate::{
    process::{Process, is_so_within, zeodyn},
    support::{
        http::{Framing, connect},
        sender,
    },
};

// Other load on the machine does not matter: only the CPU time of the process is measured.
for_both![f15_clients_that_close_mid_body_leave_nothing_behind, f15_clients_that_reset_mid_body_leave_nothing_behind,];

const CLIENTS: usize = 50;

fn f15_clients_that_close_mid_body_leave_nothing_behind(name: &str) {
    assert_leave_nothing_behind(name, &[]);
}

/// To close a socket with unread bytes resets the connection. Here `100 Continue` stays unread.
fn f15_clients_that_reset_mid_body_leave_nothing_behind(name: &str) {
    assert_leave_nothing_behind(name, &[("Expect", "100-continue")]);
}

fn assert_leave_nothing_behind(name: &str, headers: &[(&str, &str)]) {
    let mut process = Process::start(name);
    // Files that the first request opens stay open.
    assert_eq!(zeodyn("first").with_method("PUT").send(process.address).status, 405);
    assert!(is_so_within(Duration::from_secs(20), || process.open_files() > 3));
    thread::sleep(Duration::from_millis(500));
    let open_files = process.open_files();

    let zeodyn = sender("zeodyn");
    let clients: Vec<TcpStream> = (0..CLIENTS)
        .map(|number| {
            let framing = if number % 2 == 0 { Framing::Length } else { Framing::Chunked(64) };
            let mut request = zeodyn.genuine(zeodyn.fixture().body).framed(framing);
            request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())));
            let half = request.head().len() + request.body.len() / 2;
            let mut stream = connect(process.address);
            stream.write_all(&request.bytes()[..half]).expect("a server that reads");
            stream
        })
        .collect();
    let are_connected = is_so_within(Duration::from_secs(20), || process.open_files() >= open_files + CLIENTS);
    assert!(are_connected, "all of them are connected");
    for stream in clients.iter().filter(|_| !headers.is_empty()) {
        assert!(stream.peek(&mut [0; 16]).is_ok_and(|count| count > 0), "something stays unread");
    }

    let before = process.cpu_time();
    drop(clients);
    let is_closed = is_so_within(Duration::from_secs(20), || process.open_files() <= open_files);
    assert!(is_closed, "{} files are open; before, {open_files} were", process.open_files());
    thread::sleep(Duration::from_secs(1));
    let busy = process.cpu_time() - before;
    println!("{name} was busy for {busy:?}");
    assert!(busy < Duration::from_millis(100), "{busy:?}");
    process.assert_well_and_printed(&[]);
}
