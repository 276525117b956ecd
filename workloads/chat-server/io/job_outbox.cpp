#include "workloads/chat-server/io/job_outbox.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/jobs/producer.hpp"
#include "libs/postgres/errors.hpp"
#include "libs/postgres/pool.hpp"
#include "libs/redis/errors.hpp"
#include "workloads/chat-server/domain/traced.hpp"

#include <chrono>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kJobsPause = 200ms;  // how long a job waits at most; one small query each
constexpr auto kJobsAwayPause = 1s;
constexpr auto kJobsTime = 5s;  // well within a claim
constexpr int kJobsMax = 100;   // of one batch

constexpr auto kPutJob =
    "INSERT INTO job_outbox (queue, name, job_id, data) VALUES ($1, $2, $3, $4)";

constexpr auto kClaimJobs = R"sql(
    UPDATE job_outbox SET claimed_until = clock_timestamp() + interval '10 seconds'
    WHERE id IN (SELECT id FROM job_outbox WHERE claimed_until < clock_timestamp()
        ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING id, queue, name, job_id, data)sql";

}  // namespace

void put_job(pqxx::transaction_base& transaction, const OutgoingJob& job) {
    const std::string data = with_traceparent(job.data, job.traceparent);
    transaction.exec(kPutJob, pqxx::params{job.queue, job.name, job.job_id, data});
}

JobOutbox::JobOutbox(postgres::Pool& pool, redis::Client& redis, OptionsByName options, Log log)
    : pool_(pool),
      redis_(redis),
      replicas_(redis),
      options_(std::move(options)),
      log_(std::move(log)) {}

awaitable<void> JobOutbox::run() {
    for (;;) {
        auto pause = kJobsPause;
        try {
            if (!redis_.is_connected()) {
                pause = kJobsAwayPause;
            } else if (co_await hand_over_some() == static_cast<std::size_t>(kJobsMax)) {
                continue;
            }
        } catch (const postgres::Error&) {
            pause = kJobsAwayPause;
        } catch (const redis::Error& error) {
            log_.warning("Jobs cannot be added to their queues; they are kept",
                         {{"error", error.what()}});
            pause = kJobsAwayPause;
        }
        co_await sleep_until(Deadline::after(pause));
    }
}

awaitable<std::size_t> JobOutbox::hand_over_some() {
    const auto rows = co_await claim(Deadline::after(kJobsTime));
    std::vector<std::int64_t> added;
    for (const Row& row : rows) {
        const auto known = options_.find(row.job.name);
        jobs::JobOptions options =
            known == options_.end() ? jobs::platform_job_options() : known->second;
        options.job_id = row.job.job_id;
        jobs::Producer producer(redis_, {.queue = row.job.queue});
        jobs::NewJob job{.name = row.job.name, .data = row.job.data, .options = options};
        co_await producer.add(std::move(job), Deadline::after(kJobsTime));
        added.push_back(row.id);
    }
    if (!added.empty()) co_await replicas_.settle();
    if (!added.empty()) co_await remove(std::move(added), Deadline::after(kJobsTime));
    co_return rows.size();
}

awaitable<std::vector<JobOutbox::Row>> JobOutbox::claim(Deadline deadline) {
    auto claim = [](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        std::vector<Row> rows;
        for (const auto& row : query.exec(kClaimJobs, pqxx::params{kJobsMax})) {
            rows.push_back({row[0].as<std::int64_t>(),
                            {row[1].as<std::string>(), row[2].as<std::string>(),
                             row[3].as<std::string>(), row[4].as<std::string>()}});
        }
        return rows;
    };
    return pool_.run(std::move(claim), deadline);
}

awaitable<void> JobOutbox::remove(std::vector<std::int64_t> ids, Deadline deadline) {
    auto remove = [ids = std::move(ids)](pqxx::connection& connection) {
        pqxx::nontransaction(connection)
            .exec("DELETE FROM job_outbox WHERE id = ANY ($1::bigint[])", pqxx::params{ids});
    };
    return pool_.run(std::move(remove), deadline);
}

}  // namespace chatflow::chat
