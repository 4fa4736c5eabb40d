//! The test kit's simulator: a provider that sends, waits and sends again, as its page says.

// What is sent, and to whom.
mod scripted;
mod sites;
mod work;

// When.
mod acceptance;
mod clocks;
mod deadlines;
mod manual_clock;
mod order;
mod retries;
mod schedules;
mod words;

// To whom, and how.
mod answers;
mod broken_off;
mod copies;
mod hanging_up;
mod leaks;
mod sending;
mod slowly;
mod targets;
mod unreachable;
mod urls;
mod users;
