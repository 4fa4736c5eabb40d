//! Many at once: stalled uploads, large genuine deliveries, and a gzip bomb.

use std::{
    io::Write,
    net::TcpStream,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    process::{Process, is_so_within, line, zeodyn},
    support::{
        http::{Framing, Request, connect, read_answer},
        sender,
    },
};

for_both![alone:
    t15_t16_t17_memory_stays_bounded_and_the_genuine_get_through,
    t15_what_stands_between_chunks_takes_no_memory,
];

const STALLED: usize = 120;
const GENUINE: usize = 240;
const LIMIT: usize = 1024 * 1024;
/// Hashing is slow in a build without optimisation: with more at once, the last would not be read by their deadline.
const CONCURRENCY: usize = 20;

fn t15_t16_t17_memory_stays_bounded_and_the_genuine_get_through(name: &str) {
    let mut process = Process::start(name);
    // A dozen bodies, each sent twenty times, so that the test needs less memory than what it tests.
    let large: Vec<Vec<u8>> = (0..12).map(|number| large(number).bytes()).collect();
    let bomb = bomb();

    let mut stalled = stall(&process);
    // Until what they sent is read and hashed, which takes its time in a build without optimisation: what is measured is
    // how the stalled ones hold others up, and not how fast they are read.
    let mut busy = Duration::MAX;
    is_so_within(Duration::from_secs(4), || {
        thread::sleep(Duration::from_millis(100));
        std::mem::replace(&mut busy, process.cpu_time()) == busy
    });
    let start = Instant::now();
    assert_eq!(zeodyn("small").send(process.address).status, 200);
    let took = start.elapsed();
    println!("{name}: {took:?} for a small delivery beside the stalled ones");
    // Before the first of the stalled ones is given up.
    assert!(took < Duration::from_secs(4), "{took:?}");

    let signed = |request: Request| request.send(process.address).status;
    let zeodyn = sender("zeodyn");
    assert_eq!(signed(zeodyn.genuine(bomb.as_slice()).with_header("Content-Encoding", "gzip")), 415);
    assert_eq!(signed(zeodyn.genuine(bomb.as_slice())), 422);

    let start = Instant::now();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            let send = || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= GENUINE {
                        break;
                    }
                    let mut stream = connect(process.address);
                    stream.write_all(&large[number % large.len()]).expect("a server that reads");
                    // All of it is read and verified, handled before or not; or it is being handled right now.
                    let status = read_answer(&stream).expect("an answer").status;
                    assert!(matches!(status, 200 | 409), "{status}");
                }
            };
            thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, send).expect("a thread");
        }
    });
    println!("{name}: {:?} for {GENUINE} large deliveries, {} MiB at most", start.elapsed(), process.peak_memory());
    for stream in &mut stalled {
        // Those that were given up meanwhile have their answer.
        assert_eq!(read_answer(stream).expect("an answer").status, 408);
    }
    assert!(process.peak_memory() < 300, "{} MiB", process.peak_memory());

    let mut printed: Vec<String> = process.printed().split_inclusive('\n').map(str::to_owned).collect();
    printed.sort();
    let mut lines: Vec<String> = (0..large.len()).map(id).collect();
    lines.push("small".to_owned());
    let mut lines: Vec<String> = lines.iter().map(|id| line("zeodyn", "scan_complete", id)).collect();
    lines.sort();
    assert_eq!(printed, lines);
    let printed = [process.printed()];
    process.assert_well_and_printed(&printed);
}

/// A chunk's extension is no part of the body, but may share a buffer with it: a frame that is kept as it came, and not
/// copied, would keep the extension too. (hyper refuses a request with so much of it.)
fn t15_what_stands_between_chunks_takes_no_memory(name: &str) {
    const CLIENTS: usize = 10;
    const CHUNKS: usize = 100;
    const DATA: usize = 2048;

    let mut process = Process::start(name);
    assert_eq!(zeodyn("first").send(process.address).status, 200);
    let before = process.peak_memory();
    let request = sender("zeodyn").with_tag(&"ab".repeat(32), "").framed(Framing::Chunked(DATA));
    let chunk = format!("{DATA:x};{}\r\n{}\r\n", "e".repeat(60_000), "x".repeat(DATA));
    let clients: Vec<TcpStream> = (0..CLIENTS).map(|_| connect(process.address)).collect();
    let send = |bytes: &[u8]| {
        for mut stream in &clients {
            // Who is refused is hung up on.
            let _ = stream.write_all(bytes);
        }
    };
    send(&request.head());
    (0..CHUNKS).for_each(|_| send(chunk.as_bytes()));
    for stream in &clients {
        let _ = read_answer(stream);
    }
    let more = process.peak_memory() - before;
    println!("{name}: {more} MiB for {} KiB of bodies", CLIENTS * CHUNKS * DATA / 1024);
    // Ten times what the bodies are, and enough for every client's read buffer.
    assert!(more < 20, "{more} MiB");
    let printed = [process.printed()];
    process.assert_well_and_printed(&printed);
}

fn id(number: usize) -> String {
    format!("large-{number:02}")
}

/// A delivery as large as is accepted.
fn large(number: usize) -> Request {
    let start = format!(r#"{{"event":"scan_complete","scanId":"{}","note":""#, id(number));
    let note = "x".repeat(LIMIT - start.len() - 2);
    sender("zeodyn").genuine(format!(r#"{start}{note}"}}"#))
}

/// Clients that each declare 1 MiB, send half of it, and then nothing. Their tag is well formed: nothing but the whole
/// body could show that it is wrong.
fn stall(process: &Process) -> Vec<TcpStream> {
    let request =
        sender("zeodyn").with_tag(&"ab".repeat(32), vec![b'x'; LIMIT / 2]).framed(Framing::Declared(LIMIT as u128));
    let bytes = request.bytes();
    let start = || {
        let mut stream = connect(process.address);
        stream.write_all(&bytes).expect("a server that reads");
        stream
    };
    (0..STALLED).map(|_| start()).collect()
}

/// 100 MiB of zeros, which gzip makes 100 KiB of.
fn bomb() -> Vec<u8> {
    let output = Command::new("sh").args(["-c", "head -c 104857600 /dev/zero | gzip -9"]).output().expect("gzip");
    assert!(output.status.success() && output.stdout.len() < 200_000);
    output.stdout
}
