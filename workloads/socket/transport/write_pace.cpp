#include "workloads/socket/transport/write_pace.hpp"

#include <algorithm>

namespace chatflow::socket {
namespace {

// Below the 70 % of cpu at which a ScalingPolicy adds pods: a thread goes beyond it only when it
// has to.
constexpr double kBusy = 0.6;          // of the thread's time, all together
constexpr double kLeastWriting = 0.2;  // or nothing would ever be sent

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

std::chrono::nanoseconds rest_after(const WriteRound& round, std::chrono::nanoseconds longest) {
    if (round.took.count() <= 0 || round.period.count() <= 0) return {};
    const double given = std::clamp(seconds(round.took_cpu) / seconds(round.took), 0.01, 1.0);
    const double other = seconds(round.other_cpu) / given / seconds(round.period);
    const double writing = std::max(kBusy - other, kLeastWriting);
    const double rest = seconds(round.took) * (1 / writing - 1);
    return std::min(longest, std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::duration<double>(rest)));
}

}  // namespace chatflow::socket
