#pragma once

#include <cstdint>

namespace chatflow::socket {

class Pollable {
 public:
    virtual ~Pollable() = default;
    virtual void on_ready(std::uint32_t events) = 0;
};

/// An epoll of our own beside Asio's: a connection costs no coroutine, no buffer and no allocation
/// per event. One thread.
class Poller {
 public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// `events` of epoll; level-triggered. What was added is not freed within a round.
    void add(int descriptor, std::uint32_t events, Pollable& pollable);
    void change(int descriptor, std::uint32_t events, Pollable& pollable);
    void remove(int descriptor);

    /// Is readable while round() has something to do.
    [[nodiscard]] int descriptor() const { return epoll_; }
    /// Tells what is ready, without waiting.
    void round();

 private:
    int epoll_;
};

/// Becomes readable at a moment; part of a Poller.
class Timer {
 public:
    Timer();
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Nanoseconds from now; replaces what was set.
    void expire_after(std::int64_t nanoseconds);
    /// Not readable any more.
    void reset();
    [[nodiscard]] int descriptor() const { return timer_; }

 private:
    int timer_;
};

}  // namespace chatflow::socket
