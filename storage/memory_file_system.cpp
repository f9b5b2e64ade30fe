#include "storage/memory_file_system.hpp"

#include <rocksdb/env.h>

namespace troupe::storage {

std::shared_ptr<rocksdb::Env> make_memory_file_system() {
  return std::shared_ptr<rocksdb::Env>(rocksdb::NewMemEnv(rocksdb::Env::Default()));
}

}  // namespace troupe::storage
