#include "workloads/socket/transport/poller.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace chatflow::socket {
namespace {

constexpr int kBatch = 256;
constexpr std::int64_t kSecond = 1'000'000'000;

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::system_category(), what);
    return result;
}

void control(int epoll, int operation, int descriptor, std::uint32_t events, Pollable* pollable) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = pollable;
    checked(::epoll_ctl(epoll, operation, descriptor, &event), "epoll_ctl");
}

}  // namespace

Poller::Poller() : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}
Poller::~Poller() { ::close(epoll_); }

void Poller::add(int descriptor, std::uint32_t events, Pollable& pollable) {
    control(epoll_, EPOLL_CTL_ADD, descriptor, events, &pollable);
}

void Poller::change(int descriptor, std::uint32_t events, Pollable& pollable) {
    control(epoll_, EPOLL_CTL_MOD, descriptor, events, &pollable);
}

void Poller::remove(int descriptor) { control(epoll_, EPOLL_CTL_DEL, descriptor, 0, nullptr); }

void Poller::round() {
    std::array<epoll_event, kBatch> events{};
    const int count = ::epoll_wait(epoll_, events.data(), kBatch, 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events.at(static_cast<std::size_t>(i));
        static_cast<Pollable*>(event.data.ptr)->on_ready(event.events);
    }
}

Timer::Timer()
    : timer_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd")) {}
Timer::~Timer() { ::close(timer_); }

void Timer::expire_after(std::int64_t nanoseconds) {
    const std::int64_t time = std::max<std::int64_t>(nanoseconds, 1);  // 0 would disarm it
    itimerspec when{};
    when.it_value.tv_sec = time / kSecond;
    when.it_value.tv_nsec = time % kSecond;
    checked(::timerfd_settime(timer_, 0, &when, nullptr), "timerfd_settime");
}

void Timer::reset() {
    const itimerspec never{};
    checked(::timerfd_settime(timer_, 0, &never, nullptr), "timerfd_settime");
}

}  // namespace chatflow::socket
