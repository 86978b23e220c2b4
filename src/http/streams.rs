//! Answers that go on: so many at a time, and over at once when the server stops.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The open streams of a server.
#[derive(Debug)]
pub struct Streams {
    room: Arc<Semaphore>,
    stopped: watch::Sender<bool>,
}

/// The place of one stream; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    stopped: watch::Receiver<bool>,
}

impl Streams {
    /// Room for so many.
    pub fn new(most: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(most)), stopped: watch::Sender::new(false) }
    }

    /// A place for one more; `None` when there is none, or the server stops.
    pub fn enter(&self) -> Option<Place> {
        let permit = self.room.clone().try_acquire_owned().ok()?;
        let stopped = self.stopped.subscribe();
        let open = !*stopped.borrow();
        open.then_some(Place { _permit: permit, stopped })
    }

    /// How many places are free.
    pub fn free(&self) -> usize {
        self.room.available_permits()
    }

    /// Ends all streams, and lets none begin any more.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }
}

impl Place {
    /// Until the server stops.
    pub async fn stopped(&mut self) {
        // A server that is gone has stopped.
        let _ = self.stopped.wait_for(|stopped| *stopped).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_is_room_for_so_many_until_the_stop() {
        let streams = Streams::new(2);
        let (first, second) = (streams.enter().unwrap(), streams.enter());
        assert!(second.is_some() && streams.enter().is_none());
        drop(first);
        assert_eq!(streams.free(), 1);
        streams.stop();
        assert!(streams.enter().is_none());
        second.unwrap().stopped().await;
        assert_eq!(streams.free(), 2);
    }
}
