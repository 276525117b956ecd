#include "tests/support/fake_clock.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace chatflow::test {

using std::chrono::steady_clock;

awaitable<void> FakeClock::sleep_for(steady_clock::duration time) {
    struct Entry {
        ~Entry() { list.erase(place); }
        std::list<Sleeper>& list;
        std::list<Sleeper>::iterator place;
    };
    const auto wake_at = elapsed_ + std::max(time, steady_clock::duration::zero());
    const Entry entry{
        sleepers_, sleepers_.insert(
                       sleepers_.end(),
                       Sleeper{wake_at, asio::steady_timer(io_, steady_clock::time_point::max())})};
    co_await entry.place->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!entry.place->is_awake) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

void FakeClock::advance(steady_clock::duration time) {
    const auto until = elapsed_ + time;
    const auto move_to = [this](steady_clock::duration moment) {
        now_ += std::chrono::duration_cast<std::chrono::microseconds>(moment - elapsed_);
        elapsed_ = moment;
    };
    settle();
    while (Sleeper* sleeper = next_due(until)) {
        move_to(std::max(sleeper->wake_at, elapsed_));
        sleeper->is_awake = true;
        sleeper->timer.cancel();
        settle();
    }
    move_to(until);
    settle();
}

void FakeClock::settle() {
    io_.restart();
    io_.poll();
}

FakeClock::Sleeper* FakeClock::next_due(steady_clock::duration until) {
    Sleeper* first = nullptr;
    for (Sleeper& sleeper : sleepers_) {
        if (sleeper.is_awake || sleeper.wake_at > until) continue;
        if (first == nullptr || sleeper.wake_at < first->wake_at) first = &sleeper;
    }
    return first;
}

}  // namespace chatflow::test
