#pragma once

#include "libs/async/blocking_pool.hpp"
#include "libs/jobs/queue_worker.hpp"
#include "workloads/worker/config.hpp"

#include <string>

namespace chatflow::worker {

/// Gives back the job's data. What it says is done first: {"sleepMs":20}, {"fail":"why"},
/// {"failTimes":2,…} for the first attempts only, {"progress":50}, {"log":"a line"}.
[[nodiscard]] jobs::Processor echo_processor();

/// POSTs each job to `queue.url` and takes the answer for its return value. 2xx: done; 4xx but
/// 408, 409, 425 and 429: no retry can help; anything else: tried again. `pool` outlives it.
[[nodiscard]] jobs::Processor callback_processor(QueueConfig queue, BlockingPool& pool);

/// Small pictures of {"source":"a/b.jpg","sizes":[64,256]}: files of `folder`, written beside the
/// source as a/b.64.jpg. Decoded in a child process. `pool` outlives it.
[[nodiscard]] jobs::Processor thumbnail_processor(std::string folder, BlockingPool& pool);

/// What the child process does with the picture in standard input: writes the small one to
/// standard output. The exit code.
int make_thumbnail_in_child(unsigned size);

}  // namespace chatflow::worker
