//! Many connections at once: stalled uploads, large genuine deliveries, and a gzip bomb.

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

for_both![exclusive:
    t15_t16_t17_memory_is_bounded_and_genuine_deliveries_are_handled,
    t15_chunk_extensions_take_no_memory,
];

const STALLED: usize = 120;
const GENUINE: usize = 240;
const LIMIT: usize = 1024 * 1024;
/// Builds without optimisation hash slowly: with more at once, some would miss their deadline.
const CONCURRENCY: usize = 20;

fn t15_t16_t17_memory_is_bounded_and_genuine_deliveries_are_handled(name: &str) {
    let mut process = Process::start(name);
    // Twelve bodies, each sent twenty times, so that the test needs less memory than the receiver.
    let large: Vec<Vec<u8>> = (0..12).map(|number| large(number).bytes()).collect();
    let bomb = bomb();

    let mut stalled = stall(&process);
    // Waits until the stalled bodies are read and hashed, so that the time below is only the delay that stalled
    // connections cause.
    let mut busy = Duration::MAX;
    is_so_within(Duration::from_secs(4), || {
        thread::sleep(Duration::from_millis(100));
        std::mem::replace(&mut busy, process.cpu_time()) == busy
    });
    let start = Instant::now();
    assert_eq!(zeodyn("small").send(process.address).status, 200);
    let took = start.elapsed();
    println!("{name}: {took:?} for a small delivery while others are stalled");
    // Before the first of the stalled ones times out.
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
                    // 200: handled now or before. 409: an equal delivery is being handled.
                    let status = read_answer(&stream).expect("an answer").status;
                    assert!(matches!(status, 200 | 409), "{status}");
                }
            };
            thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, send).expect("a thread");
        }
    });
    println!("{name}: {:?} for {GENUINE} large deliveries, {} MiB at most", start.elapsed(), process.peak_memory());
    for stream in &mut stalled {
        // They have timed out by now.
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

/// A chunk's extension is not part of the body, but may share a buffer with it. A frame that is kept without a copy would
/// keep the extension, too. (hyper rejects a request with such long extensions.)
fn t15_chunk_extensions_take_no_memory(name: &str) {
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
            // The receiver closes the connection of a rejected request.
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
    // Ten times the size of the bodies, and enough for each client's read buffer.
    assert!(more < 20, "{more} MiB");
    let printed = [process.printed()];
    process.assert_well_and_printed(&printed);
}

fn id(number: usize) -> String {
    format!("large-{number:02}")
}

/// A delivery whose body is exactly as large as the limit.
fn large(number: usize) -> Request {
    let start = format!(r#"{{"event":"scan_complete","scanId":"{}","note":""#, id(number));
    let note = "x".repeat(LIMIT - start.len() - 2);
    sender("zeodyn").genuine(format!(r#"{start}{note}"}}"#))
}

/// Connects clients that each declare 1 MiB, send half of it, and then stall. Their signature is well formed, so only the
/// whole body could show that it is wrong.
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

/// Returns 100 MiB of zeros, which gzip compresses to 100 KiB.
fn bomb() -> Vec<u8> {
    let output = Command::new("sh").args(["-c", "head -c 104857600 /dev/zero | gzip -9"]).output().expect("gzip");
    assert!(output.status.success() && output.stdout.len() < 200_000);
    output.stdout
}
