#pragma once

#include "libs/async/blocking_pool.hpp"
#include "libs/jobs/queue_worker.hpp"
#include "workloads/worker/config.hpp"

#include <string>

namespace chatflow::worker {

class ChatStore;
class OutgoingHttp;
class PictureStore;
struct OutgoingRequest;

/// Gives back the job's data. What it says is done first: {"sleepMs":20}, {"fail":"why"},
/// {"failTimes":2,…} for the first attempts only, {"progress":50}, {"log":"a line"}.
[[nodiscard]] jobs::Processor echo_processor();

/// POSTs each job to `queue.url` and takes the answer for its return value. 2xx: done; 4xx but
/// 408, 409, 425 and 429: no retry can help; anything else: tried again. `http` outlives it.
[[nodiscard]] jobs::Processor callback_processor(QueueConfig queue, OutgoingHttp& http);
/// The request that callback_processor makes of a job.
[[nodiscard]] OutgoingRequest request_of(const QueueConfig& queue, const jobs::Job& job);
/// The header traceparent, of the trace that the job belongs to, if any.
void add_trace(OutgoingRequest& request, const jobs::Job& job);

/// As callback_processor, of a payment gateway: with an Idempotency-Key, and what follows from a
/// refusal is decided by its code (payment.hpp).
[[nodiscard]] jobs::Processor payment_processor(QueueConfig queue, OutgoingHttp& http);

/// Writes messages to files of `folder`, a line of JSON each. What is referred to outlives it.
[[nodiscard]] jobs::Processor export_processor(std::string folder, ChatStore& store,
                                               BlockingPool& pool);

/// {"actor","action","target","details"}: a row of audit_log, and the event audit.recorded.
[[nodiscard]] jobs::Processor audit_processor(const QueueConfig& queue, ChatStore& store,
                                              redis::Client& redis);

/// Notifications to users, by the channels that notification.hpp lists. Without `store` nothing is
/// known of what was read. What is referred to outlives it.
[[nodiscard]] jobs::Processor notification_processor(QueueConfig queue, EmailService email,
                                                     OutgoingHttp& http, redis::Client& redis,
                                                     ChatStore* store);

/// Workflows of workflow.hpp; `notifications` is where their notifications are added.
[[nodiscard]] jobs::Processor workflow_processor(QueueConfig queue,
                                                 const jobs::QueueKeys& notifications,
                                                 OutgoingHttp& http, redis::Client& redis);

/// Small pictures of {"source":"a/b.jpg","sizes":[64,256]}, put beside the source as a/b.64.jpg.
/// Decoded in a child process. What is referred to outlives it.
[[nodiscard]] jobs::Processor thumbnail_processor(PictureStore& pictures, BlockingPool& pool);

/// What the child process does with the picture in standard input: writes the small one to
/// standard output. The exit code.
int make_thumbnail_in_child(unsigned size);

}  // namespace chatflow::worker
