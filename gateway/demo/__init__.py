"""The main job, end to end, told by what the API and the candidate's phone answer."""
