//! Answers that go on: so many at a time, so many for each client, and over at once when the server stops.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// How many streams the clients that have any have.
type Shares = Mutex<HashMap<IpAddr, usize>>;

/// The open streams of a server.
#[derive(Debug)]
pub struct Streams {
    room: Arc<Semaphore>,
    shares: Arc<Shares>,
    most_per_client: usize,
    stopped: watch::Sender<bool>,
}

/// The place of one stream; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Option<Share>,
    stopped: watch::Receiver<bool>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// All are taken, or the server stops.
    Crowded,
    /// The client has as many as one may have.
    Enough,
}

impl Streams {
    /// Room for so many, and so many for each client; 0: a client may have all.
    pub fn new(most: usize, most_per_client: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            shares: Arc::default(),
            most_per_client,
            stopped: watch::Sender::new(false),
        }
    }

    /// A place for one more of this client.
    ///
    /// # Errors
    /// When there is none.
    pub fn enter(&self, client: Option<IpAddr>) -> Result<Place, NoPlace> {
        let permit = self.room.clone().try_acquire_owned().map_err(|_| NoPlace::Crowded)?;
        let share = match client.filter(|_| self.most_per_client > 0) {
            Some(client) => Some(Share::of(&self.shares, client, self.most_per_client).ok_or(NoPlace::Enough)?),
            None => None,
        };
        let stopped = self.stopped.subscribe();
        let open = !*stopped.borrow();
        open.then_some(Place { _permit: permit, _share: share, stopped }).ok_or(NoPlace::Crowded)
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

/// One of a client's streams.
#[derive(Debug)]
struct Share {
    shares: Arc<Shares>,
    client: IpAddr,
}

impl Share {
    fn of(shares: &Arc<Shares>, client: IpAddr, most: usize) -> Option<Self> {
        let mut counted = shares.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counted.entry(client).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Self { shares: shares.clone(), client })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counted = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counted.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counted.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_is_room_for_so_many_until_the_stop() {
        let streams = Streams::new(2, 0);
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        let (first, mut second) = (streams.enter(here).unwrap(), streams.enter(here).unwrap());
        assert_eq!(streams.enter(None).unwrap_err(), NoPlace::Crowded);
        drop(first);
        assert_eq!(streams.free(), 1);
        streams.stop();
        assert_eq!(streams.enter(here).unwrap_err(), NoPlace::Crowded);
        second.stopped().await;
        drop(second);
        assert_eq!(streams.free(), 2);
    }

    #[test]
    fn one_client_does_not_take_it_all() {
        let streams = Streams::new(4, 2);
        let (here, there) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
        let places = [streams.enter(here).unwrap(), streams.enter(here).unwrap()];
        assert_eq!(streams.enter(here).unwrap_err(), NoPlace::Enough);
        let others = [streams.enter(there).unwrap(), streams.enter(None).unwrap()];
        assert_eq!(streams.free(), 0);
        drop((places, others));
        assert!(streams.shares.lock().unwrap().is_empty());
        assert!(streams.enter(here).is_ok());
    }
}
