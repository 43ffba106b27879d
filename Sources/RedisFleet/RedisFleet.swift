// RedisFleet
